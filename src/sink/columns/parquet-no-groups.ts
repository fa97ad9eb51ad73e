// FileMetaData of a file without rows, in Thrift's compact protocol: 16 00 field 3, num_rows, 0 |
// 19 field 4, row_groups, a list | 00 of nothing, of type 0 | 19 1c field 5, key_value_metadata, one struct
const NO_GROUPS = Buffer.from("16001900191c", "hex");
const LIST_HEADER = 3;
/** None, of structs. */
const NO_STRUCTS = 0x0c;

/**
 * Says that an empty list of row groups is one of structs. `hyparquet-writer` takes the type of a list from
 * its first item; a list of type 0 is none by Thrift, and readers in Rust (Arrow, DataFusion) refuse the file.
 * @param bytes - the end of a Parquet file; changed in place, and left alone where there are row groups
 * @see Apache Thrift, doc/specs/thrift-compact-protocol.md, List and Set
 */
export function typeNoGroups(bytes: Uint8Array): void {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).lastIndexOf(NO_GROUPS);
  if (at >= 0) bytes[at + LIST_HEADER] = NO_STRUCTS;
}
