/** libelf (elfutils): the calls that sb makes, each with its C declaration. */
import { lazyLibrary } from "../load.ts";

export const libelf = lazyLibrary(
  { names: ["libelf.so.1"], purpose: "symbols cannot be read", debianPackage: "libelf1" },
  {
    /** unsigned int elf_version(unsigned int version); */
    elf_version: { parameters: ["u32"], result: "u32" },
    /** Elf *elf_begin(int fildes, Elf_Cmd cmd, Elf *ref); */
    elf_begin: { parameters: ["i32", "i32", "pointer"], result: "pointer" },
    /** Elf *elf_memory(char *image, size_t size); */
    elf_memory: { parameters: ["pointer", "usize"], result: "pointer" },
    /** int elf_end(Elf *elf); */
    elf_end: { parameters: ["pointer"], result: "i32" },
    /** Elf_Kind elf_kind(Elf *elf); */
    elf_kind: { parameters: ["pointer"], result: "i32" },
    /** int elf_errno(void); */
    elf_errno: { parameters: [], result: "i32" },
    /** const char *elf_errmsg(int error); */
    elf_errmsg: { parameters: ["i32"], result: "pointer" },
    /** GElf_Ehdr *gelf_getehdr(Elf *elf, GElf_Ehdr *dest); */
    gelf_getehdr: { parameters: ["pointer", "buffer"], result: "pointer" },
    /** int elf_getphdrnum(Elf *elf, size_t *dst); */
    elf_getphdrnum: { parameters: ["pointer", "buffer"], result: "i32" },
    /** GElf_Phdr *gelf_getphdr(Elf *elf, int ndx, GElf_Phdr *dst); */
    gelf_getphdr: { parameters: ["pointer", "i32", "buffer"], result: "pointer" },
    /** int elf_getshdrnum(Elf *elf, size_t *dst); */
    elf_getshdrnum: { parameters: ["pointer", "buffer"], result: "i32" },
    /** int elf_getshdrstrndx(Elf *elf, size_t *dst); */
    elf_getshdrstrndx: { parameters: ["pointer", "buffer"], result: "i32" },
    /** Elf_Scn *elf_nextscn(Elf *elf, Elf_Scn *scn); */
    elf_nextscn: { parameters: ["pointer", "pointer"], result: "pointer" },
    /** GElf_Shdr *gelf_getshdr(Elf_Scn *scn, GElf_Shdr *dst); */
    gelf_getshdr: { parameters: ["pointer", "buffer"], result: "pointer" },
    /** char *elf_strptr(Elf *elf, size_t index, size_t offset); checks that the string ends */
    elf_strptr: { parameters: ["pointer", "usize", "usize"], result: "pointer" },
    /** Elf_Data *elf_rawdata(Elf_Scn *scn, Elf_Data *data); */
    elf_rawdata: { parameters: ["pointer", "pointer"], result: "pointer" },
    /** int elf_compress(Elf_Scn *scn, int type, unsigned int flags); */
    elf_compress: { parameters: ["pointer", "i32", "u32"], result: "i32" },
  },
);
