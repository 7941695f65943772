/* All kernels for one level of the processor's instructions. LEVEL is given by the build: 2, 3 and
   4 for x86-64-v2 to v4, and 1 for any other processor. */

#include "vector.h"
#include "dense.h"
#include "windows.h"
#include "pooling.h"
#include "activations.h"
#include "sparse.h"
#include "heads.h"
#include "norms.h"
#include "noise.h"
#include "rules.h"
#include "turns.h"
#include "images.h"
#include "forward.h"
#include "backward.h"
#include "evaluation.h"
#include "step.h"
#include "compress.h"
#include "moves.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define NAME(f) JOIN(f##_, LEVEL)

const Kernels NAME(mitbadak_kernels) = {
    train, gradient, update, evaluate, total, predict, count, compress, slopes,
};
