/// How far a publication may run ahead of its receivers: decides on status messages, time and errors, does no I/O.
/// Sender only. spec: 04 §8
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "cpperon/shm/atomic_counter.hpp"
#include "cpperon/uri/values.hpp"

namespace cpperon::driver {

/// A status message that passed the checks of spec 04 §3.3 and does not ask for a SETUP.
struct ReceiverStatus {
    std::int64_t receiver_id = 0;
    std::int64_t position = 0;  ///< consumed up to here
    std::int32_t window_length = 0;
    std::optional<std::int64_t> group_tag;
    bool is_end_of_stream = false;  ///< the receiver is leaving
};

/// A receiver begins to count, or no longer does.
struct ReceiverChange {
    bool is_added = false;
    std::int64_t receiver_id = 0;
    std::size_t receiver_count = 0;  ///< with the change
};

class FlowControl {
public:
    virtual ~FlowControl() = default;

    // Each returns the sender's limit from now on.

    [[nodiscard]] virtual std::int64_t on_status(const ReceiverStatus& status, std::int64_t sender_limit,
                                                 std::int64_t now_ns) = 0;
    /// May be lower than before: receivers that fell silent no longer count. `sender_position` likewise.
    [[nodiscard]] virtual std::int64_t on_idle(std::int64_t sender_limit, std::int64_t sender_position,
                                               std::int64_t now_ns) = 0;
    /// A SETUP that was asked for is about to leave.
    [[nodiscard]] virtual std::int64_t on_setup(std::int64_t sender_limit, std::int64_t now_ns) = 0;

    /// A receiver asked for a SETUP.
    virtual void on_setup_elicited(std::optional<std::int64_t> group_tag) = 0;
    /// A receiver rejected the stream.
    virtual void on_error(std::int64_t receiver_id) = 0;
    [[nodiscard]] virtual bool has_required_receivers() const noexcept = 0;
    /// How much of a gap of `length` at `term_offset` is sent again at once. spec: 04 §8.4
    [[nodiscard]] virtual std::int32_t max_retransmission_length(std::int32_t term_offset,
                                                                 std::int32_t length) const noexcept = 0;

    /// Whether a receiver did not get into the group since this was asked last, because the group is as large as it may
    /// be: `max_receivers_per_publication`.
    [[nodiscard]] bool take_refusal() noexcept { return std::exchange(has_refused_, false); }

protected:
    void refuse() noexcept { has_refused_ = true; }

private:
    bool has_refused_ = false;
};

/// What a strategy is made from: the channel's `fc` if it has group semantics and one, else the driver's settings.
struct FlowControlSpec {
    uri::FlowControlStrategy strategy = uri::FlowControlStrategy::max;
    std::int64_t group_tag = -1;           ///< tagged: only receivers with this tag count
    std::int32_t group_min_size = 0;       ///< min, tagged: receivers required before the stream is connected
    std::int64_t receiver_timeout_ns = 0;  ///< min, tagged
    std::int32_t retransmit_receiver_window_multiple = 0;
    std::int32_t term_length = 0;
    /// `fc-receivers`, for min and tagged; refers to nothing otherwise.
    shm::AtomicCounter receivers;
    /// Hears of receivers that come and go, for min and tagged; nobody if it is empty. Called by the sender.
    std::function<void(const ReceiverChange& change)> on_change{};
};

[[nodiscard]] std::unique_ptr<FlowControl> make_flow_control(const FlowControlSpec& spec);

}  // namespace cpperon::driver
