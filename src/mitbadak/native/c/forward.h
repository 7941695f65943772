/* The forward pass of a part's rows through all layers: y = f(x).

   NumPy's twin: nn/network.py over nn/layer.py, on batches from data/batches.py. */

static void gather(const Turn *turn) {
    const Job *job = turn->job;
    const Examples *data = job->data;
    const int64_t width = data->width;
    for (int64_t i = turn->first; i < turn->last; i++) {
        int64_t at = turn->picked[i - turn->first];
        float *out = job->gathered + i * job->gathered_row;
        const float factor = data->scale[1];
        const uint16_t *moved = turn->shifts
            ? job->moved + turn->shifts[i - turn->first] * job->moved_row : NULL;
        if (moved) memset(out, 0, 4 * width);
        if (data->kind == FLOATS) {
            const float *row = (const float *)data->examples + at * width;
            if (moved) {
                for (int64_t j = 0; j < width; j++)
                    if (moved[j] < width) out[moved[j]] = row[j] * factor;
            } else if (factor == 1.0f) memcpy(out, row, 4 * width);
            else
                for (int64_t j = 0; j < width; j++) out[j] = row[j] * factor;
        } else {
            const uint8_t *row = (const uint8_t *)data->examples + at * width;
            if (moved) {
                for (int64_t j = 0; j < width; j++)
                    if (moved[j] < width) out[moved[j]] = row[j] * factor;
            } else
                for (int64_t j = 0; j < width; j++) out[j] = row[j] * factor;
        }
    }
}

/* Compress the part's rows into its own buffers; they are then numbered from 0. */
static const Examples *compress_rows(const Turn *turn) {
    const Examples *data = turn->job->data;
    Examples *own = (Examples *)turn->job->compressed + turn->part;
    int64_t end = 0;
    own->starts[0] = 0;
    for (int64_t i = 0; i < turn->last - turn->first; i++) {
        const uint8_t *row = (const uint8_t *)data->examples + turn->picked[i] * data->width;
        end = compress_bytes(row, data->width, own->columns, (uint8_t *)own->values, end);
        own->starts[i + 1] = end;
    }
    return own;
}

INLINE void prefetch_ahead(const Turn *turn, const Examples *data, int64_t at, int on_the_fly) {
    if (on_the_fly || turn->picked + at + 2 * AHEAD >= turn->ahead) return;
    __builtin_prefetch(data->starts + turn->picked[at + 2 * AHEAD]);
    prefetch_entries(data, turn->picked[at + AHEAD]);
}

/* Where the shift of a row moves its columns, or NULL. */
INLINE const uint16_t *moved_for(const Turn *turn, int64_t at) {
    return turn->shifts ? turn->job->moved + turn->shifts[at] * turn->job->moved_row : NULL;
}

static void sparse_forward(const Turn *turn, const Layer *layer) {
    const Job *job = turn->job;
    const int on_the_fly = job->data->kind == SPARSE_ON_THE_FLY;
    const Examples *data = on_the_fly ? compress_rows(turn) : job->data;
    const int64_t columns = layer->n_in + 1;
    int32_t *counts = NULL;
    void *files = NULL;
    if (turn->learning) {
        counts = job->counts + turn->part * columns;
        files = filed_from(job, turn->first); /* a column has room for the whole batch */
        memset(counts, 0, 4 * columns);
    }
    for (int64_t i = turn->first; i < turn->last; i++) {
        int64_t at = i - turn->first;
        prefetch_ahead(turn, data, at, on_the_fly);
        sparse_example(entries_of(data, on_the_fly ? at : turn->picked[at]), moved_for(turn, at), layer,
                       layer->output + i * layer->row_out, counts, files, job->capacity, (uint32_t)i);
    }
}

static void affine_forward(const Turn *turn, const Layer *layer) {
    product(turn->last - turn->first, layer->row_out, layer->n_in,
            rows_of(layer->output + turn->first * layer->row_out, layer->row_out),
            rows_of(layer->bias, 0),
            rows_of(layer->input + turn->first * layer->row_in, layer->row_in),
            rows_of(layer->weights, layer->row_out), panel_of(turn));
}

static void batch_norm_forward(const Turn *turn, const Layer *layer) {
    Job *job = turn->job;
    const int64_t pixels = layer->pixels_in; /* each is a row of channels */
    if (!turn->learning) {
        normalize_columns(layer, turn->first * pixels, turn->last * pixels, 0);
        return;
    }
    barrier(job);
    column_statistics(layer, turn->batch * pixels, column_edge(layer->row_in, turn->part, job->parts),
                      column_edge(layer->row_in, turn->part + 1, job->parts));
    barrier(job);
    normalize_columns(layer, turn->first * pixels, turn->last * pixels, 1);
}

static void dropout_forward(const Turn *turn, const Layer *layer) {
    const int64_t row = layer->row_in, begin = turn->first * row, end = turn->last * row;
    if (!turn->learning) {
        memcpy(layer->output + begin, layer->input + begin, 4 * (end - begin));
        return;
    }
    /* Numbers are drawn channel by channel, for images into the output, which is written later. */
    float *mask = layer->pixels_in > 1 ? layer->output : layer->saved;
    draw_mask(turn->job, turn->step, layer->draws * turn->batch, (float)layer->setting,
              1.0f / (float)(1 - layer->setting), mask, row, layer->n_in * layer->pixels_in,
              turn->first, turn->last);
    if (layer->pixels_in > 1)
        for (int64_t i = turn->first; i < turn->last; i++)
            row_to_pixels(mask + i * row, layer->pixels_in, layer->n_in, layer->step_in,
                          layer->saved + i * row);
    for (int64_t k = begin; k < end; k += LANES)
        store(layer->output + k, load(layer->input + k) * load(layer->saved + k));
}

static void forward(const Turn *turn) {
    const Job *job = turn->job;
    for (int64_t number = 0; number < job->layer_count; number++) {
        const Layer *layer = job->layers + number;
        const int64_t begin = turn->first * layer->row_out, end = turn->last * layer->row_out;
        if (number == 0) {
            if (job->data->kind >= SPARSE_BYTES) {
                sparse_forward(turn, layer);
                continue;
            }
            gather(turn);
        }
        switch (layer->kind) {
        case AFFINE: affine_forward(turn, layer); break;
        case DROPOUT: dropout_forward(turn, layer); break;
        case BATCH_NORM: batch_norm_forward(turn, layer); break;
        case LAYER_NORM: normalize_rows(layer, turn->first, turn->last); break;
        case CONVOLUTION: convolution_forward(turn, layer); break;
        case MAX_POOLING:
            if (number > 0 && layer[-1].pooled) break; /* together with the convolution */
            image_forward(turn, layer);
            break;
        case AVERAGE_POOLING: case TO_ROW: case TO_PIXELS: image_forward(turn, layer); break;
        default:
            activate(layer->activation, (float)layer->setting, layer->input + begin,
                     layer->output + begin, layer->saved ? layer->saved + begin : NULL, end - begin);
        }
        if (layer->kind == AFFINE && turn->learning && layer->input_gradient)
            transpose(layer, edge(layer->n_in, turn->part, job->parts),
                      edge(layer->n_in, turn->part + 1, job->parts));
    }
}
