/** libdw (elfutils): the calls that sb makes, each with its C declaration. */
import { lazyLibrary } from "../load.ts";

export const libdw = lazyLibrary(
  { names: ["libdw.so.1"], purpose: "source lines cannot be read", debianPackage: "libdw1" },
  {
    /** Dwarf *dwarf_begin(int fildes, Dwarf_Cmd cmd); */
    dwarf_begin: { parameters: ["i32", "i32"], result: "pointer" },
    /** int dwarf_end(Dwarf *dwarf); */
    dwarf_end: { parameters: ["pointer"], result: "i32" },
    /** int dwarf_nextcu(Dwarf *dwarf, Dwarf_Off off, Dwarf_Off *next_off, size_t *header_sizep, Dwarf_Off *abbrev_offsetp, uint8_t *address_sizep, uint8_t *offset_sizep); */
    dwarf_nextcu: {
      parameters: ["pointer", "u64", "buffer", "buffer", "buffer", "buffer", "buffer"],
      result: "i32",
    },
    /** Dwarf_Die *dwarf_offdie(Dwarf *dbg, Dwarf_Off offset, Dwarf_Die *result); */
    dwarf_offdie: { parameters: ["pointer", "u64", "buffer"], result: "pointer" },
    /** int dwarf_getsrclines(Dwarf_Die *cudie, Dwarf_Lines **lines, size_t *nlines); */
    dwarf_getsrclines: { parameters: ["buffer", "buffer", "buffer"], result: "i32" },
    /** int dwarf_getsrcfiles(Dwarf_Die *cudie, Dwarf_Files **files, size_t *nfiles); */
    dwarf_getsrcfiles: { parameters: ["buffer", "buffer", "buffer"], result: "i32" },
    /** const char *dwarf_filesrc(Dwarf_Files *file, size_t idx, Dwarf_Word *mtime, Dwarf_Word *length); */
    dwarf_filesrc: { parameters: ["pointer", "usize", "pointer", "pointer"], result: "pointer" },
    /** Dwarf_Line *dwarf_onesrcline(Dwarf_Lines *lines, size_t idx); */
    dwarf_onesrcline: { parameters: ["pointer", "usize"], result: "pointer" },
    /** int dwarf_lineno(Dwarf_Line *line, int *linep); */
    dwarf_lineno: { parameters: ["pointer", "buffer"], result: "i32" },
    /** int dwarf_lineaddr(Dwarf_Line *line, Dwarf_Addr *addrp); */
    dwarf_lineaddr: { parameters: ["pointer", "buffer"], result: "i32" },
    /** int dwarf_linebeginstatement(Dwarf_Line *line, bool *flagp); */
    dwarf_linebeginstatement: { parameters: ["pointer", "buffer"], result: "i32" },
    /** int dwarf_lineendsequence(Dwarf_Line *line, bool *flagp); */
    dwarf_lineendsequence: { parameters: ["pointer", "buffer"], result: "i32" },
    /** const char *dwarf_linesrc(Dwarf_Line *line, Dwarf_Word *mtime, Dwarf_Word *length); */
    dwarf_linesrc: { parameters: ["pointer", "pointer", "pointer"], result: "pointer" },
    /** int dwarf_haspc(Dwarf_Die *die, Dwarf_Addr pc); */
    dwarf_haspc: { parameters: ["buffer", "u64"], result: "i32" },
    /** Dwarf_Line *dwarf_getsrc_die(Dwarf_Die *cudie, Dwarf_Addr addr); */
    dwarf_getsrc_die: { parameters: ["buffer", "u64"], result: "pointer" },
    /** int dwarf_getscopes(Dwarf_Die *cudie, Dwarf_Addr pc, Dwarf_Die **scopes); */
    dwarf_getscopes: { parameters: ["buffer", "u64", "buffer"], result: "i32" },
    /** int dwarf_tag(Dwarf_Die *die); */
    dwarf_tag: { parameters: ["pointer"], result: "i32" },
    /** Dwarf_Off dwarf_dieoffset(Dwarf_Die *die); */
    dwarf_dieoffset: { parameters: ["pointer"], result: "u64" },
    /** ptrdiff_t dwarf_ranges(Dwarf_Die *die, ptrdiff_t offset, Dwarf_Addr *basep, Dwarf_Addr *startp, Dwarf_Addr *endp); */
    dwarf_ranges: { parameters: ["pointer", "isize", "buffer", "buffer", "buffer"], result: "isize" },
    /** void free(void *ptr); of the libc that libdw depends on */
    free: { parameters: ["pointer"], result: "void" },
  },
);
