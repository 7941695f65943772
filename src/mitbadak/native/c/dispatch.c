/* Which kernels this processor can run.

   level.c is compiled once per level: 2, 3 and 4 are the x86-64-v2, -v3 and -v4 of the System V ABI
   (gitlab.com/x86-psABIs/x86-64-ABI, table 3.1), and 1 is the baseline of every other processor.
   The features are read with cpuid and xgetbv, because __builtin_cpu_supports answers 0 to
   everything when zig compiles it. This file is compiled for the baseline. */

#include "kernels.h"

#if defined(_WIN32)
#define EXPORTED __declspec(dllexport)
#else
#define EXPORTED __attribute__((visibility("default")))
#endif

EXPORTED int mitbadak_highest_level(void);
EXPORTED const Kernels *mitbadak_kernels(int level);
EXPORTED const char *mitbadak_header(void);

/* The SHA-256 of the kernels.h that the library was compiled with. Python compares it with the file
   from which it reads the structs, since a field in another place would overwrite memory. */
const char *mitbadak_header(void) { return HEADER; }

#if defined(__x86_64__)

#include <cpuid.h>

extern const Kernels mitbadak_kernels_2, mitbadak_kernels_3, mitbadak_kernels_4;

static int has(unsigned flags, unsigned wanted) { return (flags & wanted) == wanted; }

/* Which registers the operating system saves when it switches threads (XCR0). */
static unsigned saved_registers(void) {
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

int mitbadak_highest_level(void) {
    const unsigned ymm = 0x6, zmm = 0xe6; /* in XCR0; zmm includes ymm and the mask registers */
    unsigned a, b, basic, basic_d, extended = 0, leaf_7 = 0, c, d;
    if (!__get_cpuid(1, &a, &b, &basic, &basic_d)) return 0;
    __get_cpuid(0x80000001, &a, &b, &extended, &d);
    __get_cpuid_count(7, 0, &a, &leaf_7, &c, &d);

    if (!has(basic, bit_SSE3 | bit_SSSE3 | bit_SSE4_1 | bit_SSE4_2 | bit_POPCNT | bit_CMPXCHG16B) ||
        !has(extended, bit_LAHF_LM))
        return 0;
    if (!has(basic, bit_OSXSAVE | bit_AVX | bit_FMA | bit_F16C | bit_MOVBE) ||
        !has(extended, bit_ABM) || !has(leaf_7, bit_AVX2 | bit_BMI | bit_BMI2) ||
        !has(saved_registers(), ymm))
        return 2;
    if (!has(leaf_7, bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL) ||
        !has(saved_registers(), zmm))
        return 3;
    return 4;
}

static const Kernels *built_in(int level) {
    return level == 4   ? &mitbadak_kernels_4
           : level == 3 ? &mitbadak_kernels_3
           : level == 2 ? &mitbadak_kernels_2
                        : 0;
}

#else

extern const Kernels mitbadak_kernels_1;

int mitbadak_highest_level(void) { return 1; }

static const Kernels *built_in(int level) { return level == 1 ? &mitbadak_kernels_1 : 0; }

#endif

/* The entry points of a level; NULL if the library has no such level or the processor cannot run
   it. */
const Kernels *mitbadak_kernels(int level) {
    return level <= mitbadak_highest_level() ? built_in(level) : 0;
}
