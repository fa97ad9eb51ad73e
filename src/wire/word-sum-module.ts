// Made by "npm run word-sum" from scripts/word-sum/word-sum.wat; do not edit.

/** A WebAssembly module with `wordSum`, in base64. */
export const WORD_SUM_MODULE: string =
  "AGFzbQEAAAABBwFgAn9/AX8CDAEABm1lbW9yeQIAAQMCAQAHCwEHd29yZFN1bQAACswBAckBBAF/AX8BfgF7IAEgAGtBEE8E" +
  "QCABQRBrIQIDQCAFIAD9AAQA/X/9rgEhBSAAQRBqIQAgACACTQ0ACwsgBSAA/QAEAEEQIAEgAGtr/QAEAP1O/X/9rgEhBSAF" +
  "QSD9zQEgBf0M/////wAAAAD/////AAAAAP1O/c4BIQUgBf0dACAF/R0BfCEEIARCEIggBEL//wODfCEEIASnIQMgA0EQdiAD" +
  "Qf//A3FqIQMgA0EQdiADQf//A3FqIQMgA0H/AXFBCHQgA0EIdnILCyYBAEEACyD/////////////////////AAAAAAAAAAAA" +
  "AAAAAAAAAA==";
