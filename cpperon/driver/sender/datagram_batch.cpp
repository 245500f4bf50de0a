#include "cpperon/driver/sender/datagram_batch.hpp"

#include <algorithm>

#include "cpperon/logbuffer/availability_scan.hpp"

namespace cpperon::driver {

namespace {

/// Whether a datagram of `length` bytes at `data` can be the next of `run`: a run is contiguous, and only its last
/// datagram may be shorter than the others.
bool continues(const net::DatagramRun& run, const std::byte* const data, const std::uint32_t length) noexcept {
    return data == run.data + run.length && length <= run.segment_length && run.length % run.segment_length == 0 &&
           run.length + length <= DatagramBatch::max_run_length &&
           run.length < DatagramBatch::max_run_count * run.segment_length;
}

}  // namespace

void DatagramBatch::gather(const GatherRequest& request) noexcept {
    first_ = request.term.data() + request.term_offset;
    run_count_ = 0;
    covered_length_ = 0;
    trailing_padding_ = 0;
    is_blocked_ = false;
    std::int32_t left = static_cast<std::int32_t>(request.term.size()) - request.term_offset;
    std::int64_t window = request.window;
    while (left > 0 && window > 0) {
        const std::byte* const datagram = first_ + covered_length_;
        const auto max_length = static_cast<std::int32_t>(std::min<std::int64_t>(window, request.mtu_length));
        const logbuffer::Availability found = logbuffer::scan_availability(datagram, left, max_length);
        if (found.available <= 0) {
            is_blocked_ = found.available < 0;
            return;
        }
        if (!add(datagram, static_cast<std::uint32_t>(found.available), request.max_runs)) {
            return;
        }
        const std::int32_t covered = found.available + found.padding;
        covered_length_ += covered;
        trailing_padding_ = found.padding;
        left -= covered;
        window -= covered;
    }
}

bool DatagramBatch::add(const std::byte* const datagram, const std::uint32_t length,
                        const std::size_t run_limit) noexcept {
    if (run_count_ > 0 && continues(runs_[run_count_ - 1], datagram, length)) {
        runs_[run_count_ - 1].length += length;
        return true;
    }
    if (run_count_ == std::min(run_limit, max_runs)) {
        return false;
    }
    runs_[run_count_++] = {.data = datagram, .length = length, .segment_length = length};
    return true;
}

}  // namespace cpperon::driver
