/** The Debian packages that the tests need: finds those that are missing, and installs them when it may. */

/** What guests and modules built for them need: their kernels are Debian's for x86-64. */
const VIRTUAL_MACHINE: Readonly<Record<string, readonly string[]>> = {
  "qemu-system-x86": ["/usr/bin/qemu-system-x86_64"],
  // Not busybox, which is the same program linked to libraries.
  "busybox-static": ["/usr/share/doc/busybox-static"],
  "cpio": ["/usr/bin/cpio", "/bin/cpio"],
  "kmod": ["/usr/sbin/modprobe", "/sbin/modprobe"],
  "zstd": ["/usr/bin/zstd"],
  "dkms": ["/usr/sbin/dkms"],
};

/** Package → a file that it brings; the first that exists counts. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  "gcc": ["/usr/bin/gcc"],
  "g++": ["/usr/bin/g++"],
  "libc6-dev": ["/usr/include/stdio.h"],
  "clang": ["/usr/bin/clang"],
  "libclang-rt-14-dev": ["/usr/lib/llvm-14/lib/clang/14.0.6/include/fuzzer/FuzzedDataProvider.h"],
  "gcc-aarch64-linux-gnu": ["/usr/bin/aarch64-linux-gnu-gcc"],
  "libc6-dev-arm64-cross": ["/usr/aarch64-linux-gnu/include/stdio.h"],
  "rustc": ["/usr/bin/rustc"],
  "golang-go": ["/usr/bin/go"],
  "binutils": ["/usr/bin/nm"],
  "binutils-aarch64-linux-gnu": ["/usr/bin/aarch64-linux-gnu-objdump"],
  "elfutils": ["/usr/bin/eu-readelf"],
  "xz-utils": ["/usr/bin/xz"],
  "libelf1": libraryFiles("libelf.so.1"),
  "libdw1": libraryFiles("libdw.so.1"),
  "bpftrace": ["/usr/bin/bpftrace"],
  "strace": ["/usr/bin/strace"],
  "gdb": ["/usr/bin/gdb"],
  "python3": ["/usr/bin/python3"],
  "mypy": ["/usr/bin/mypy"],
  "python3-pip": ["/usr/bin/pip3"],
  "python3-setuptools": ["/usr/lib/python3/dist-packages/setuptools/__init__.py"],
  "python3-wheel": ["/usr/lib/python3/dist-packages/wheel/__init__.py"],
  "python3-build": ["/usr/lib/python3/dist-packages/build/__init__.py"],
  "python3-venv": ["/usr/share/doc/python3-venv"],
  "socat": ["/usr/bin/socat"],
  "chromium": ["/usr/bin/chromium"],
  "bash": ["/bin/bash"],
  "zsh": ["/usr/bin/zsh"],
  "fish": ["/usr/bin/fish"],
  "mandoc": ["/usr/bin/mandoc"],
  "man-db": ["/usr/bin/man"],
  "groff-base": ["/usr/bin/groff"],
  "debootstrap": ["/usr/sbin/debootstrap"],
  "gcc-12": ["/usr/bin/gcc-12"],
  "make": ["/usr/bin/make"],
  "pahole": ["/usr/bin/pahole"],
  "sparse": ["/usr/bin/sparse"],
  "cppcheck": ["/usr/bin/cppcheck"],
  ...(Deno.build.arch === "x86_64" ? VIRTUAL_MACHINE : {}),
};

function libraryFiles(name: string): string[] {
  return ["/usr/lib", "/lib"].map((folder) => `${folder}/${Deno.build.arch}-linux-gnu/${name}`);
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The packages that are not installed. */
export function missingPackages(): string[] {
  return Object.keys(NEEDED).filter((name) => !NEEDED[name].some(exists));
}

function aptGet(...args: string[]): boolean {
  const result = new Deno.Command("apt-get", {
    args: ["-o", "DPkg::Lock::Timeout=300", "-qq", ...args],
    env: { DEBIAN_FRONTEND: "noninteractive" },
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).outputSync();
  return result.success;
}

/** Installs what is missing, as root where there is apt-get. @returns what is missing still */
export function installPackages(): string[] {
  const missing = missingPackages();
  if (missing.length === 0 || Deno.uid() !== 0 || !exists("/usr/bin/apt-get")) return missing;
  console.log(`installing ${missing.join(" ")}`);
  aptGet("update");
  aptGet("install", "-y", "--no-install-recommends", ...missing);
  return missingPackages();
}
