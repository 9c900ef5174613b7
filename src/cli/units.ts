/** The units of the server for systemd, inside of every build of sb. */
import service from "../../rpc/systemd/sb.service" with { type: "text" };
import socket from "../../rpc/systemd/sb.socket" with { type: "text" };

/** By the names of their files. */
export const UNITS = { "sb.service": service, "sb.socket": socket } as const;
