#include "cpperon/logbuffer/tail.hpp"

#include "cpperon/base/atomic.hpp"

namespace cpperon::logbuffer {

namespace {

std::int64_t& tail_of(LogMetadata& metadata, const std::int32_t term_count) noexcept {
    return metadata.raw_tails[static_cast<std::size_t>(index_of_term_count(term_count))];
}

}  // namespace

std::int64_t producer_position(const LogView& log) noexcept {
    // acquire [term-rotation] <- rotate_log, ours or a peer's: the tail of that term has been set.
    const std::int32_t term_count = load_acquire(log.metadata().active_term_count);
    // acquire [tail] <- publishers' claims: what they claimed before is seen as claimed.
    const std::int64_t raw_tail = load_acquire(tail_of(log.metadata(), term_count));
    return position_of(tail_term_id(raw_tail), tail_term_offset(raw_tail, log.term_length()),
                       log.position_bits_to_shift(), log.initial_term_id());
}

void rotate_log(LogMetadata& metadata, const std::int32_t term_count, const std::int32_t term_id) noexcept {
    const std::int32_t next_term_id = add_to_term_id(term_id, 1);
    const std::int32_t next_term_count = add_to_term_id(term_count, 1);
    const std::int32_t expected_term_id = add_to_term_id(next_term_id, -partition_count);
    std::int64_t& next_tail = tail_of(metadata, next_term_count);
    while (true) {
        // acquire [tail]: the word is only compared; its low half is arbitrary, so it is replaced as it was seen.
        const std::int64_t raw_tail = load_acquire(next_tail);
        if (tail_term_id(raw_tail) != expected_term_id ||
            compare_exchange(next_tail, raw_tail, pack_tail(next_term_id, 0))) {
            break;
        }
    }
    // seq_cst [term-rotation] -> publishers, conductor: the next tail is set before the count leads anybody to it. If
    // it fails somebody else has done it.
    static_cast<void>(compare_exchange(metadata.active_term_count, term_count, next_term_count));
}

}  // namespace cpperon::logbuffer
