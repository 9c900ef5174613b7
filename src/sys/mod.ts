/** The kernel as files and calls. */
export * from "./btf.ts";
export * from "./native.ts";
export * from "./descriptor.ts";
export * from "./file_status.ts";
export * from "./capabilities.ts";
export * from "./confinement.ts";
export * from "./lock_folder.ts";
export * from "./open_file.ts";
export * from "./pins.ts";
export * from "./privileges.ts";
export * from "./peer_credentials.ts";
export * from "./process_handle.ts";
export * from "./procfs.ts";
export * from "./service_manager.ts";
export * from "./signals.ts";
export * from "./unix_socket.ts";
