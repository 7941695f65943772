/* Losses, correct predictions and answers for the rows of a set, block by block.

   NumPy's twins: training/evaluation.py and nn/predictor.py. */

/* A block of rows through the net as in evaluation, into this part's rows of the arena. */
static Turn block_of(Job *job, int64_t part, int64_t begin, int64_t *rows) {
    const int64_t each = job->arena_rows / job->parts, first = part * each;
    const int64_t end = edge(job->row_count, part + 1, job->parts);
    *rows = end - begin < each ? end - begin : each;
    return (Turn){
        .job = job, .part = part, .batch = job->arena_rows, .first = first,
        .last = first + *rows, .picked = job->rows + begin, .ahead = job->rows + job->row_count,
    };
}

/* The losses of this part's rows, and how many predictions are right. */
static double evaluate(void *address, int64_t part) {
    Job *job = address;
    const Layer *last = job->layers + job->layer_count - 1;
    int64_t right = 0, rows;
    for (int64_t begin = edge(job->row_count, part, job->parts);
         begin < edge(job->row_count, part + 1, job->parts); begin += rows) {
        Turn turn = block_of(job, part, begin, &rows);
        forward(&turn);
        head_rows(job, last, turn.picked, turn.first, turn.last, turn.batch, turn.learning);
        for (int64_t i = 0; i < rows; i++) {
            job->each[begin + i] = job->row_losses[turn.first + i];
            right += right_in_row(job, last->output + (turn.first + i) * last->row_out,
                                  turn.picked[i]);
        }
    }
    job->right[part] = (double)right;
    return (double)right;
}

/* The sum of all rows' losses, in their order. */
static double total(void *address, int64_t part) {
    const Job *job = address;
    double sum = 0;
    (void)part;
    for (int64_t i = 0; i < job->row_count; i++) sum += job->each[i];
    return sum;
}

/* Scores, or probabilities, of this part's rows. */
static double predict(void *address, int64_t part) {
    Job *job = address;
    const Layer *last = job->layers + job->layer_count - 1;
    int64_t rows;
    for (int64_t begin = edge(job->row_count, part, job->parts);
         begin < edge(job->row_count, part + 1, job->parts); begin += rows) {
        Turn turn = block_of(job, part, begin, &rows);
        forward(&turn);
        for (int64_t i = 0; i < rows; i++) {
            float *scores = last->output + (turn.first + i) * last->row_out;
            if (job->probabilities) probabilities_of(job, scores, job->outputs);
            memcpy(job->answers + (begin + i) * job->outputs, scores, 4 * job->outputs);
        }
    }
    return 0;
}
