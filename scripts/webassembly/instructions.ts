// Instructions by name, as many as the modules here need.
// https://webassembly.github.io/spec/core/binary/instructions.html

const VECTOR = 0xfd;

/** Instructions whose operands are all expressions. */
export const PLAIN: Readonly<Record<string, readonly number[]>> = {
  unreachable: [0x00],
  return: [0x0f],
  select: [0x1b],
  "i32.eqz": [0x45],
  "i32.eq": [0x46],
  "i32.ne": [0x47],
  "i32.lt_s": [0x48],
  "i32.lt_u": [0x49],
  "i32.gt_s": [0x4a],
  "i32.gt_u": [0x4b],
  "i32.le_s": [0x4c],
  "i32.le_u": [0x4d],
  "i32.ge_s": [0x4e],
  "i32.ge_u": [0x4f],
  "i32.add": [0x6a],
  "i32.sub": [0x6b],
  "i32.mul": [0x6c],
  "i32.div_u": [0x6e],
  "i32.and": [0x71],
  "i32.or": [0x72],
  "i32.xor": [0x73],
  "i32.shl": [0x74],
  "i32.shr_s": [0x75],
  "i32.shr_u": [0x76],
  "i32.rotl": [0x77],
  "i64.add": [0x7c],
  "i64.and": [0x83],
  "i64.shr_u": [0x88],
  "i32.wrap_i64": [0xa7],
  "i8x16.swizzle": [VECTOR, 0x0e],
  "i32x4.splat": [VECTOR, 0x11],
  "i8x16.lt_u": [VECTOR, 0x26],
  "v128.and": [VECTOR, 0x4e],
  "v128.or": [VECTOR, 0x50],
  "v128.xor": [VECTOR, 0x51],
  "v128.any_true": [VECTOR, 0x53],
  "i8x16.shr_u": [VECTOR, 0x6d],
  "i8x16.add": [VECTOR, 0x6e],
  "i8x16.sub_sat_u": [VECTOR, 0x73],
  "i32x4.extadd_pairwise_i16x8_u": [VECTOR, 0x7f],
  "i32x4.shl": [VECTOR, 0xab, 0x01],
  "i32x4.shr_u": [VECTOR, 0xad, 0x01],
  "i32x4.add": [VECTOR, 0xae, 0x01],
  "i32x4.mul": [VECTOR, 0xb5, 0x01],
  "i32x4.dot_i16x8_s": [VECTOR, 0xba, 0x01],
  "i64x2.shr_u": [VECTOR, 0xcd, 0x01],
  "i64x2.add": [VECTOR, 0xce, 0x01],
};

/** Those that read or write memory: the instruction and how it is aligned, a power of two. */
export const MEMORY: Readonly<Record<string, readonly [octets: readonly number[], align: number]>> =
  {
    "i32.load": [[0x28], 2],
    "i32.load8_u": [[0x2d], 0],
    "i32.load16_u": [[0x2f], 0],
    "i32.store": [[0x36], 0],
    "i32.store8": [[0x3a], 0],
    "i32.store16": [[0x3b], 0],
    "v128.load": [[VECTOR, 0x00], 4],
    "v128.store": [[VECTOR, 0x0b], 0],
  };

/** Those that take or set a lane of a vector. */
export const LANE: Readonly<Record<string, readonly number[]>> = {
  "i32x4.extract_lane": [VECTOR, 0x1b],
  "i32x4.replace_lane": [VECTOR, 0x1c],
  "i64x2.extract_lane": [VECTOR, 0x1d],
};
