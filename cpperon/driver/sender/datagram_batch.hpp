/// What one pass over a term finds to send: datagrams that lie one behind the other, gathered into runs of equal ones,
/// so that a socket with segmentation offload sends each run at once. Sender only; does no I/O. spec: 04 §6.5, §12;
/// design §6
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cpperon/net/udp_transport.hpp"

namespace cpperon::driver {

/// Where to look, and for how much.
struct GatherRequest {
    std::span<std::byte> term;
    std::int32_t term_offset = 0;  ///< of a frame; at most the length of the term
    std::int64_t window = 0;       ///< bytes of stream that may be sent; padding may go beyond
    std::int32_t mtu_length = 0;
    std::size_t max_runs = 1;  ///< at most `DatagramBatch::max_runs`
};

/// Reused from pass to pass: it is too long to be made anew in each.
class DatagramBatch {
public:
    static constexpr std::size_t max_runs = 16;
    /// What systems take as one message.
    static constexpr std::uint32_t max_run_count = 64;
    static constexpr std::uint32_t max_run_length = net::max_datagram_length;

    /// Takes whole committed frames of `request.term` in place of what it held. They stay valid until the log wraps
    /// around.
    void gather(const GatherRequest& request) noexcept;

    [[nodiscard]] bool is_empty() const noexcept { return run_count_ == 0; }
    [[nodiscard]] std::span<const net::DatagramRun> runs() const noexcept { return {runs_.data(), run_count_}; }
    /// Bytes of stream that it covers, with padding, of which the header alone is sent.
    [[nodiscard]] std::int32_t covered_length() const noexcept { return covered_length_; }
    /// Of them the padding at its end, without the header.
    [[nodiscard]] std::int32_t trailing_padding() const noexcept { return trailing_padding_; }
    /// There is a frame behind it that the window, or else the MTU, does not allow.
    [[nodiscard]] bool is_blocked() const noexcept { return is_blocked_; }

    /// Calls `visit(datagram)` with the bytes of each, in the log.
    template <typename Visit>
    void for_each_datagram(const Visit& visit) const {
        for (const net::DatagramRun& run : runs()) {
            std::span<std::byte> rest{first_ + (run.data - first_), run.length};
            while (!rest.empty()) {
                const std::size_t length = rest.size() < run.segment_length ? rest.size() : run.segment_length;
                visit(rest.first(length));
                rest = rest.subspan(length);
            }
        }
    }

private:
    [[nodiscard]] bool add(const std::byte* datagram, std::uint32_t length, std::size_t run_limit) noexcept;

    std::byte* first_ = nullptr;
    std::size_t run_count_ = 0;
    std::int32_t covered_length_ = 0;
    std::int32_t trailing_padding_ = 0;
    bool is_blocked_ = false;
    std::array<net::DatagramRun, max_runs> runs_{};  // the first run_count_ of them
};

}  // namespace cpperon::driver
