import { UsageError } from "../../core/errors.ts";

/** What Node has on systems with users; its types leave one out. */
type Users = Pick<NodeJS.Process, "setuid" | "setgid"> & {
  readonly initgroups?: (user: string, group: string) => void;
};

/**
 * Gives up the rights of root for those of another user.
 * @param text - `USER` or `USER:GROUP`; the group is the user's own when none is named
 * @throws UsageError when there is no such user or the process may not become one
 */
export function runAs(text: string): void {
  const [user = "", group = user] = text.split(":");
  const { setuid, setgid, initgroups } = process as Users;
  if (setuid === undefined || setgid === undefined || initgroups === undefined) {
    throw new UsageError("PF_NO_USERS", "--user: this system has no users to become");
  }
  try {
    initgroups(user, group);
    setgid(group);
    setuid(user);
  } catch (error: unknown) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError("PF_USER", `--user ${text}: ${why}; start as root and name a user`, error);
  }
}
