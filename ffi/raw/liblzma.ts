/** liblzma (XZ Utils): the one call that sb makes, with its C declaration. */
import { lazyLibrary } from "../load.ts";

export const liblzma = lazyLibrary(
  { names: ["liblzma.so.5"], purpose: ".gnu_debugdata cannot be read", debianPackage: "liblzma5" },
  {
    /** lzma_ret lzma_stream_buffer_decode(uint64_t *memlimit, uint32_t flags, const lzma_allocator *allocator, const uint8_t *in, size_t *in_pos, size_t in_size, uint8_t *out, size_t *out_pos, size_t out_size); */
    lzma_stream_buffer_decode: {
      parameters: ["buffer", "u32", "pointer", "buffer", "buffer", "usize", "buffer", "buffer", "usize"],
      result: "i32",
    },
  },
);
