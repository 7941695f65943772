/* Compressing the rows of a set to their nonzero entries, once before training. */

/* The number of nonzero entries of each of this part's rows, in starts[1:]. */
static double count(void *address, int64_t part) {
    Job *job = address;
    Examples *data = job->data;
    const int64_t width = data->width;
    const int64_t end = job->row_count * (part + 1) / job->parts;
    for (int64_t i = job->row_count * part / job->parts; i < end; i++) {
        int64_t nonzero = 0;
        if (data->source == FLOATS) {
            const float *row = (const float *)data->examples + i * width;
            for (int64_t j = 0; j < width; j++) nonzero += row[j] != 0.0f;
        } else {
            const uint8_t *row = (const uint8_t *)data->examples + i * width;
            for (int64_t j = 0; j < width; j++) nonzero += row[j] != 0;
        }
        data->starts[i + 1] = nonzero;
    }
    return 0;
}

/* Compress this part's rows, whose places `starts` says. */
static double compress(void *address, int64_t part) {
    Job *job = address;
    const Examples *data = job->data;
    const int64_t width = data->width;
    const int64_t end = job->row_count * (part + 1) / job->parts;
    int64_t others = 0;
    for (int64_t i = job->row_count * part / job->parts; i < end; i++) {
        const int64_t k = data->starts[i];
        if (data->source == BYTES) {
            const uint8_t *row = (const uint8_t *)data->examples + i * width;
            /* The entry after this part's last one may be another part's. */
            if (data->starts[i + 1] == data->starts[end])
                compress_bytes_exactly(row, width, data->columns, data->values, k);
            else compress_bytes(row, width, data->columns, data->values, k);
            continue;
        }
        const float *row = (const float *)data->examples + i * width;
        if (data->kind == SPARSE_FLOATS)
            compress_floats(row, width, data->columns, data->values, k);
        else
            others += compress_as_bytes(row, width, data->scale, data->columns, data->values, k);
    }
    job->others[part] = (double)others;
    return (double)others;
}
