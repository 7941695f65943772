/* What Python and the kernels agree on: the structs of a job, and the table of entry points.

   Python reads this file (native/structs.py), so a field is declared here and nowhere else. Every
   field takes eight bytes: int64_t, double, or a pointer. */

#ifndef MITBADAK_KERNELS_H
#define MITBADAK_KERNELS_H

#include <stdint.h>

enum { LANES = 16 }; /* floats of a vector; rows are padded with zeros to a multiple of it */
enum { WIDE = 8 };   /* doubles of a vector, in the numerical gradient */
enum { SLACK = 64 }; /* entries beyond the end of compressed rows that may be overwritten */
enum { CHUNK = 4096 }; /* floats that one part updates at a time, and that are summed together */
enum { PANEL_ROWS = 256, PANEL_COLUMNS = 64 }; /* of a wide matrix that are copied for a product */
enum { SLOTS = 2 };  /* the most arrays that an update rule keeps for each parameter */
enum { RATE, BIAS, ROOT, SHRINK, RATES }; /* the numbers of a rule in the table of rates */

enum {
    AFFINE, ACTIVATION, DROPOUT, BATCH_NORM, LAYER_NORM,
    CONVOLUTION, MAX_POOLING, AVERAGE_POOLING, TO_ROW, TO_PIXELS
};
enum { BLOCKS = 8 }; /* of a batch, whose gradients of filters are summed apart */
enum { IDENTITY, SIGMOID, TANH, RELU, LEAKY_RELU, ELU, GELU, SILU, SOFTPLUS };
enum { SOFTMAX_CROSS_ENTROPY, SIGMOID_CROSS_ENTROPY, MEAN_SQUARED, SUM_SQUARED, HUBER };
enum { SGD, MOMENTUM, NESTEROV, ADAGRAD, RMSPROP, ADAM, LION };
enum { PENALTY_L2, PENALTY_L1, CLIP_VALUE, CLIP_NORM, RULE }; /* what a Change does */

/* Where inputs come from: rows of floats; rows of bytes; compressed rows, which hold the nonzero
   entries only, as bytes or as floats; rows of bytes that are compressed batch by batch. */
enum { FLOATS, BYTES, SPARSE_BYTES, SPARSE_FLOATS, SPARSE_ON_THE_FLY };

/* A layer. Its arrays hold rows of the batch, each `row` floats after the one before. An input is
   the output of the layer before; both may be the same array. */
typedef struct {
    int64_t kind;
    int64_t activation;
    int64_t n_in;
    int64_t n_out;
    int64_t row_in;
    int64_t row_out;
    float *input;
    float *output;
    float *input_gradient;  /* NULL where no layer before has parameters */
    float *output_gradient;
    float *saved;           /* what backward needs: slopes, a mask, or normalized inputs */
    float *weights;         /* W or gamma */
    float *bias;            /* b or beta; a row of zeros where there is none */
    float *weight_gradient;
    float *bias_gradient;   /* NULL where there is no bias */
    float *transposed;      /* W^T, (n_out, row_in) */
    float *mean;            /* of the batch, in training; running statistics in evaluation */
    float *variance;
    float *spread;          /* sqrt(variance + epsilon), right even where the variance overflows */
    float *running_mean;
    float *running_variance;
    double setting;         /* slope, alpha, rate, or epsilon */
    double momentum;        /* of running statistics */
    int64_t draws;          /* random numbers per example that layers before this one take */

    /* of images, which lie pixel after pixel; rows have one pixel */
    int64_t pixels_in;
    int64_t pixels_out;
    int64_t step_in;        /* floats from pixel to pixel */
    int64_t step_out;
    int64_t window;         /* entries of a window, with all channels in a convolution */
    int64_t *places;        /* of a convolution's windows; of pooling, of all their entries */
    int64_t *entries;       /* of a convolution's window, from its place */
    int64_t covers;         /* whether windows hold each pixel once */
    int64_t pooled;         /* whether pooling follows, and the output is room for each part */
    int64_t planes;         /* the input of a convolution and its padding */
    int64_t height_in;
    int64_t width_in;
    int64_t pixel_step;
    int64_t frame_width;
    int64_t frame_plane;    /* floats from plane to plane */
    int64_t frame_size;
    int64_t inside;         /* where the image begins in its frame */
    float *frames;          /* for each part; NULL without padding */
    float *gradient_frames;
    float *partials;        /* gradients of the filters, for each block of a batch */
    int64_t partial_size;
    int64_t blocks;
} Layer;

/* One change of an update, on entries first to last of the flat arrays. */
typedef struct {
    int64_t kind;
    int64_t rule;
    int64_t first;
    int64_t last;
    int64_t rate;           /* its column in the table of rates */
    double strength;        /* of a penalty, or the limit of a clip */
    double decay;           /* momentum, beta1, or the decay of RMSProp */
    double second_decay;    /* beta2 */
    double epsilon;
} Change;

/* An entry of a compressed batch, filed under its column for the backward pass: the example, and its
   value. Where values are bytes, one number holds both: example << VALUE_BITS | byte. */
enum { VALUE_BITS = 8, FILED_BYTES = 8 };

/* A set of examples, checked by Python: every index is in range. */
typedef struct {
    int64_t kind;
    int64_t source;         /* FLOATS or BYTES: what `examples` holds */
    int64_t width;
    void *examples;
    float *scale;           /* the value of each byte; scale[1] is the factor of floats */
    double largest;         /* magnitude of compressed rows' values */
    int64_t *starts;        /* of compressed rows: where each begins; their columns and values */
    uint16_t *columns;
    void *values;
    int64_t *labels;        /* classes, or NULL */
    float *targets;         /* rows of targets, or NULL */
} Examples;

typedef struct {
    /* the net */
    Layer *layers;
    int64_t layer_count;
    int64_t head;
    double head_setting;
    int64_t outputs;
    int64_t arena_rows;     /* rows that the layers' arrays have */
    float *zeros;           /* a row of zeros */
    float *panels;          /* for each part a panel; NULL where no layer is wide */
    float *gathered;        /* a dense batch */
    int64_t gathered_row;
    double *row_losses;     /* per row of the arena */
    int64_t has_filters;    /* whether a layer is a convolution */

    /* parameters, gradients and the optimizer's state, each as one flat array of `size` floats */
    float *parameters;
    float *gradients;
    float *state;           /* slots one after the other */
    int64_t size;
    Change *changes;
    int64_t change_count;
    int64_t fused;          /* plain SGD: gradients are added to the weights at once */
    double *chunk_sums;     /* sums of squares, for clipping by the norm */
    int64_t refused;        /* set where a gradient is not finite, and nothing was updated */

    /* the batches: step i takes rows picked[begins[i]] to picked[begins[i + 1]] */
    Examples *data;
    int64_t *picked;
    int64_t *begins;
    int64_t step_count;
    double *rates;          /* a row per step */
    int64_t rate_count;
    double *losses;         /* one per step */
    int64_t stop_on_nonfinite;
    int64_t updates_statistics; /* whether a layer keeps running statistics */

    /* noise: PCG64 seeded by (seed, step), as NumPy's default_rng */
    int64_t seed;
    int64_t first_step;
    uint16_t *moved;        /* where each shift moves each column; NULL without augmentation */
    int64_t *shifts;        /* per picked row: which shift */
    int64_t moved_row;

    /* columns filed for the backward pass of a sparse layer, for each part */
    int32_t *counts;
    void *files;
    int64_t capacity;
    void *compressed;       /* Examples for each part, for rows that are compressed on the fly */

    /* evaluation and prediction */
    int64_t *rows;
    int64_t row_count;
    double *each;           /* losses by row */
    double *right;          /* correct predictions, by part */
    double *others;         /* values that are not in `scale`, by part, in compressing */
    float *answers;         /* (row_count, outputs) */
    int64_t probabilities;

    /* several epochs in one call: jobs that evaluate sets, and a loss and a count for each */
    void *sets;
    int64_t set_count;
    int64_t epoch_steps;    /* 0 without evaluation */
    double *results;

    int64_t parts;
    int64_t waiting;        /* the barrier: parts that have arrived, and rounds completed */
    int64_t round;
    int64_t abandoned;      /* set by Python: the caller was interrupted before its part began */
} Job;

/* The numerical gradient: an affine layer with the activation after it, in float64. */
typedef struct {
    int64_t activation;
    double setting;
    int64_t n_in;
    int64_t n_out;
    double *weights;        /* (n_in, n_out) */
    double *outputs;        /* (batch, n_out), before the activation */
} Stage;

/* Central differences for the moves of one unit: m shifts it by +-by[m] for one example. */
typedef struct {
    Stage *stages;
    int64_t stage_count;
    int64_t number;         /* the unit's stage */
    int64_t unit;
    int64_t head;
    double head_setting;
    double epsilon;         /* inside the logarithm of the softmax's cross entropy, or 0 */
    double factor;          /* of an example's loss in the loss of the batch */
    double h;
    int64_t batch;
    int64_t classes;
    double *scores;         /* (batch, classes), their targets, and exp(score - largest) */
    double *targets;
    double *exps;           /* with rows of `exp_row` numbers, padded with zeros */
    int64_t exp_row;
    double *exp_sums;       /* per example */
    double *target_sums;
    int64_t moves;
    int64_t *examples;
    double *by;
    double *slopes;         /* the result */
    double *scratch;        /* for each part, `scratch_size` numbers */
    int64_t scratch_size;
    int64_t parts;
} Moves;

typedef double Entry(void *job, int64_t part);

typedef struct {
    Entry *train;      /* steps, each with forward, backward and update */
    Entry *gradient;   /* one step's loss and gradient, without the update */
    Entry *update;     /* the update after it */
    Entry *evaluate;   /* losses and correct predictions of rows */
    Entry *total;      /* the sum of the losses that evaluate has left */
    Entry *predict;    /* scores or probabilities of rows */
    Entry *count;      /* nonzero entries of each row, in starts[1:] */
    Entry *compress;   /* compress rows; returns how many floats are not in `scale` */
    Entry *slopes;     /* numerical gradient of a unit; its job is a Moves */
} Kernels;

#endif
