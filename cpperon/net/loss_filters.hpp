/// The filters that lose datagrams: at random, or chosen parts of a term the first time they come by. Each belongs to
/// one socket and is used by its agent. spec: 06 §21
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>

#include "cpperon/base/random.hpp"
#include "cpperon/net/filtered_transport.hpp"

namespace cpperon::net {

/// Decides at random, the same way for the same seed.
class LossGenerator {
public:
    /// `rate`: 0 (never) to 1 (always).
    LossGenerator(const double rate, const std::uint64_t seed) : rate_(rate), random_(seed) {}

    [[nodiscard]] bool loses_next() noexcept;

private:
    double rate_;
    SeededRandomSource random_;
};

/// `loss`: any datagram whose first frame is of a chosen type.
class RandomLoss final : public DatagramFilter {
public:
    static constexpr std::uint64_t all_types = ~std::uint64_t{0};

    /// `frame_types`: bit n stands for type n, the last bit for all types from 63.
    RandomLoss(LossGenerator generator, const std::uint64_t frame_types = all_types)
        : generator_(std::move(generator)), frame_types_(frame_types) {}

    [[nodiscard]] bool loses(std::span<const std::byte> datagram, const SocketAddress& peer) override;

private:
    LossGenerator generator_;
    std::uint64_t frame_types_;
};

/// Data (data, padding, SETUP, and what answers a measurement) and control (all other frames), each at its own rate. A
/// direction and a class tell what end of a stream a socket is, so one filter serves both.
class ClassLoss final : public DatagramFilter {
public:
    ClassLoss(LossGenerator data, LossGenerator control) : data_(std::move(data)), control_(std::move(control)) {}

    [[nodiscard]] bool loses(std::span<const std::byte> datagram, const SocketAddress& peer) override;

private:
    LossGenerator data_;
    LossGenerator control_;
};

/// Parts of one term: `count` gaps of `gap_length` bytes, `stride` bytes apart.
struct GapPattern {
    std::int32_t term_id = 0;
    std::int64_t first_offset = 0;
    std::int64_t stride = 1;
    std::int64_t gap_length = 0;
    std::int64_t count = 1;

    /// Whether the bytes from `begin` to `end` of the term touch a gap.
    [[nodiscard]] bool is_touched_by(std::int64_t begin, std::int64_t end) const noexcept;
};

/// `fixed-loss`, `multi-gap-loss`: the data that touches a gap, once per session of a stream. What comes by again, as
/// it was asked for again, passes.
class GapLoss final : public DatagramFilter {
public:
    /// Sessions beyond these lose nothing, so that a peer cannot make us remember without bound.
    static constexpr std::size_t max_sessions = 4'096;

    explicit GapLoss(const GapPattern& gaps) : gaps_(gaps) {}

    [[nodiscard]] bool loses(std::span<const std::byte> datagram, const SocketAddress& peer) override;

private:
    GapPattern gaps_;
    std::unordered_map<std::uint64_t, std::int64_t> lost_until_;  // by stream and session: an offset in the term
};

}  // namespace cpperon::net
