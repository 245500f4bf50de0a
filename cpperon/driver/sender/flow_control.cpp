#include "cpperon/driver/sender/flow_control.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <vector>

#include "cpperon/driver/sender/live_receivers.hpp"

namespace cpperon::driver {

namespace {

/// The initial receiver window that a retransmission is measured by, whatever the configured one. spec: 04 §8.4
constexpr std::int32_t default_receiver_window_length = 131'072;

constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();

/// The right edge of what a receiver can take.
constexpr std::int64_t edge_of(const ReceiverStatus& status) noexcept {
    return status.position + status.window_length;
}

/// What the strategies have in common.
class LimitedRetransmission : public FlowControl {
public:
    [[nodiscard]] std::int32_t max_retransmission_length(const std::int32_t term_offset,
                                                         const std::int32_t length) const noexcept final {
        const std::int64_t left = std::int64_t{term_length_} - term_offset;
        return static_cast<std::int32_t>(std::min({std::int64_t{length}, estimate_, left}));
    }

protected:
    explicit LimitedRetransmission(const FlowControlSpec& spec) noexcept
        : estimate_(std::int64_t{std::min(default_receiver_window_length, spec.term_length / 2)} *
                    spec.retransmit_receiver_window_multiple),
          term_length_(spec.term_length) {}

private:
    // Constant after construction.
    std::int64_t estimate_;
    std::int32_t term_length_;
};

/// The fastest receiver sets the pace. spec: 04 §8.1
class MaxFlowControl final : public LimitedRetransmission {
public:
    explicit MaxFlowControl(const FlowControlSpec& spec) noexcept : LimitedRetransmission(spec) {}

    [[nodiscard]] std::int64_t on_status(const ReceiverStatus& status, const std::int64_t sender_limit,
                                         std::int64_t /*now_ns*/) override {
        return std::max(sender_limit, edge_of(status));
    }
    [[nodiscard]] std::int64_t on_idle(const std::int64_t sender_limit, std::int64_t /*sender_position*/,
                                       std::int64_t /*now_ns*/) override {
        return sender_limit;
    }
    [[nodiscard]] std::int64_t on_setup(const std::int64_t sender_limit, std::int64_t /*now_ns*/) override {
        return sender_limit;
    }
    void on_setup_elicited(std::optional<std::int64_t> /*group_tag*/) override {}
    void on_error(std::int64_t /*receiver_id*/) override {}
    [[nodiscard]] bool has_required_receivers() const noexcept override { return true; }
};

/// The slowest receiver sets the pace: of all, or of those that carry the tag. spec: 04 §8.2, §8.3
class MinFlowControl final : public LimitedRetransmission {
public:
    MinFlowControl(const FlowControlSpec& spec, const std::optional<std::int64_t> required_tag)
        : LimitedRetransmission(spec),
          required_tag_(required_tag),
          group_min_size_(static_cast<std::size_t>(std::max(spec.group_min_size, 0))),
          receiver_timeout_ns_(spec.receiver_timeout_ns),
          on_change_(spec.on_change),
          count_(spec.receivers) {}

    [[nodiscard]] std::int64_t on_status(const ReceiverStatus& status, const std::int64_t sender_limit,
                                         const std::int64_t now_ns) override {
        const bool counts = is_of_group(status.group_tag);
        bool is_known = false;
        std::int64_t limit = held_limit(now_ns);
        for (Receiver& receiver : receivers_) {
            if (counts && receiver.id == status.receiver_id) {
                is_known = true;
                receiver.has_ended = status.is_end_of_stream;
                receiver.edge = edge_of(status);
                receiver.time_of_last_status_ns = now_ns;
            }
            limit = std::min(limit, receiver.edge);
        }
        if (counts && !is_known && !status.is_end_of_stream && can_join(status, limit)) {
            if (receivers_.size() >= max_receivers_per_publication) {
                refuse();
                return sender_limit;
            }
            receivers_.push_back({.id = status.receiver_id, .edge = edge_of(status), .time_of_last_status_ns = now_ns});
            publish_count();
            tell({.is_added = true, .receiver_id = status.receiver_id, .receiver_count = receivers_.size()});
            limit = std::min(limit, edge_of(status));
            hold_.reset();
        }
        if (!has_required_receivers()) {
            return sender_limit;
        }
        return std::max(sender_limit, receivers_.empty() ? edge_of(status) : limit);
    }

    [[nodiscard]] std::int64_t on_idle(const std::int64_t sender_limit, std::int64_t /*sender_position*/,
                                       const std::int64_t now_ns) override {
        std::size_t left = receivers_.size();
        const auto is_gone = [&](const Receiver& receiver) {
            if (!receiver.has_ended && receiver.time_of_last_status_ns + receiver_timeout_ns_ >= now_ns) {
                return false;
            }
            tell({.is_added = false, .receiver_id = receiver.id, .receiver_count = --left});
            return true;
        };
        if (std::erase_if(receivers_, is_gone) > 0) {
            publish_count();
        }
        if (receivers_.empty() || !has_required_receivers()) {
            return sender_limit;
        }
        std::int64_t limit = held_limit(now_ns);
        for (const Receiver& receiver : receivers_) {
            limit = std::min(limit, receiver.edge);
        }
        return limit;
    }

    [[nodiscard]] std::int64_t on_setup(const std::int64_t sender_limit, const std::int64_t now_ns) override {
        if (is_setup_elicited_ && !receivers_.empty()) {
            hold_ = Hold{.limit = sender_limit, .since_ns = now_ns};
        }
        is_setup_elicited_ = false;
        return sender_limit;
    }

    void on_setup_elicited(const std::optional<std::int64_t> group_tag) override {
        is_setup_elicited_ = is_setup_elicited_ || is_of_group(group_tag);
    }

    void on_error(const std::int64_t receiver_id) override {
        for (Receiver& receiver : receivers_) {
            receiver.has_ended = receiver.has_ended || receiver.id == receiver_id;
        }
    }

    [[nodiscard]] bool has_required_receivers() const noexcept override { return receivers_.size() >= group_min_size_; }

private:
    struct Receiver {
        std::int64_t id = 0;
        std::int64_t edge = 0;
        std::int64_t time_of_last_status_ns = 0;
        bool has_ended = false;
    };
    /// Keeps the limit where it is while a late joiner starts.
    struct Hold {
        std::int64_t limit = 0;
        std::int64_t since_ns = 0;
    };

    [[nodiscard]] bool is_of_group(const std::optional<std::int64_t>& group_tag) const noexcept {
        return !required_tag_ || group_tag == required_tag_;
    }

    /// One that is further behind than its window would stall those that are there.
    [[nodiscard]] bool can_join(const ReceiverStatus& status, const std::int64_t limit) const noexcept {
        return receivers_.empty() || edge_of(status) >= limit - status.window_length;
    }

    [[nodiscard]] std::int64_t held_limit(const std::int64_t now_ns) noexcept {
        if (hold_ && hold_->since_ns + receiver_timeout_ns_ < now_ns) {
            hold_.reset();
        }
        return hold_ ? hold_->limit : no_limit;
    }

    void publish_count() noexcept {
        if (count_) {
            count_.set_release(static_cast<std::int64_t>(receivers_.size()));
        }
    }

    void tell(const ReceiverChange& change) const {
        if (on_change_) {
            on_change_(change);
        }
    }

    // Constant after construction.
    std::optional<std::int64_t> required_tag_;
    std::size_t group_min_size_;
    std::int64_t receiver_timeout_ns_;
    std::function<void(const ReceiverChange& change)> on_change_;
    // Changes with what receivers say.
    std::vector<Receiver> receivers_;
    std::optional<Hold> hold_;
    bool is_setup_elicited_ = false;
    shm::AtomicCounter count_;
};

}  // namespace

std::unique_ptr<FlowControl> make_flow_control(const FlowControlSpec& spec) {
    switch (spec.strategy) {
        case uri::FlowControlStrategy::max: break;
        case uri::FlowControlStrategy::min: return std::make_unique<MinFlowControl>(spec, std::nullopt);
        case uri::FlowControlStrategy::tagged: return std::make_unique<MinFlowControl>(spec, spec.group_tag);
    }
    return std::make_unique<MaxFlowControl>(spec);
}

}  // namespace cpperon::driver
