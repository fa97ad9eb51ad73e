/** Address of a thread's file beside the module that starts it, built or not. */
export function threadFile(name: string, besideUrl: string): URL {
  return new URL(`./${name}${besideUrl.endsWith(".ts") ? ".ts" : ".js"}`, besideUrl);
}
