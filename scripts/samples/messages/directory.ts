import { join, u16, u32 } from "../../../test/support/octets.ts";
import { element, integer, string } from "./asn1.ts";

const SEQUENCE = 0x30;
const GENERAL_STRING = 0x1b;
const GENERALIZED_TIME = 0x18;

/** LDAP simple bind without a name (RFC 4511 section 4.2). */
export function ldapBindRequest(id: number): Uint8Array {
  return ldap(id, element(0x60, integer(3), string(""), string("", 0x80)));
}

/** Its answer: success. */
export function ldapBindResponse(id: number): Uint8Array {
  return ldap(id, element(0x61, integer(0, 0x0a), string(""), string("")));
}

/** Search of the root entry for its naming contexts. */
export function ldapSearchRequest(id: number): Uint8Array {
  return ldap(
    id,
    element(
      0x63,
      string(""),
      integer(0, 0x0a),
      integer(0, 0x0a),
      integer(0),
      integer(30),
      element(0x01, Uint8Array.of(0)),
      string("objectClass", 0x87),
      element(SEQUENCE, string("namingContexts")),
    ),
  );
}

/** The entry found, and the end of the search. */
export function ldapSearchResponse(id: number): Uint8Array {
  const values = element(0x31, string("dc=office,dc=example,dc=com"));
  const attribute = element(SEQUENCE, string("namingContexts"), values);
  return join(
    ldap(id, element(0x64, string(""), element(SEQUENCE, attribute))),
    ldap(id, element(0x65, integer(0, 0x0a), string(""), string(""))),
  );
}

/** LDAP unbind: the client says goodbye. */
export function ldapUnbind(id: number): Uint8Array {
  return ldap(id, element(0x42));
}

function ldap(id: number, operation: Uint8Array): Uint8Array {
  return element(SEQUENCE, integer(id), operation);
}

/** Kerberos AS-REQ of a user for a ticket-granting ticket (RFC 4120 section 5.4.1). */
export function kerberosRequest(user: string, realm: string): Uint8Array {
  const body = element(
    SEQUENCE,
    element(0xa0, element(0x03, Uint8Array.of(0, 0x40, 0x81, 0, 0x10))),
    element(0xa1, principal(1, [user])),
    element(0xa2, string(realm, GENERAL_STRING)),
    element(0xa3, principal(2, ["krbtgt", realm])),
    element(0xa5, string("20260303090000Z", GENERALIZED_TIME)),
    element(0xa7, element(0x02, u32(0x1f2e3d4c))),
    element(0xa8, element(SEQUENCE, integer(18), integer(17))),
  );
  return element(
    0x6a,
    element(SEQUENCE, element(0xa1, integer(5)), element(0xa2, integer(10)), element(0xa4, body)),
  );
}

/** KRB-ERROR "preauthentication required", the usual first answer (section 5.9.1). */
export function kerberosError(realm: string): Uint8Array {
  return element(
    0x7e,
    element(
      SEQUENCE,
      element(0xa0, integer(5)),
      element(0xa1, integer(30)),
      element(0xa4, string("20260302090001Z", GENERALIZED_TIME)),
      element(0xa5, element(0x02, u24Positive(400_123))),
      element(0xa6, integer(25)),
      element(0xa9, string(realm, GENERAL_STRING)),
      element(0xaa, principal(2, ["krbtgt", realm])),
    ),
  );
}

function principal(type: number, names: readonly string[]): Uint8Array {
  const list = names.map((name) => string(name, GENERAL_STRING));
  return element(SEQUENCE, element(0xa0, integer(type)), element(0xa1, element(SEQUENCE, ...list)));
}

function u24Positive(value: number): Uint8Array {
  return join(value >>> 16, u16(value));
}
