/** TCP flag bits, RFC 9293 section 3.1. */
export const TcpFlag = {
  Fin: 0x01,
  Syn: 0x02,
  Reset: 0x04,
  Push: 0x08,
  Ack: 0x10,
  Urgent: 0x20,
  EcnEcho: 0x40,
  WindowReduced: 0x80,
} as const;
