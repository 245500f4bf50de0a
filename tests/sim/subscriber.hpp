/// A subscriber in a simulation: adds its subscription, polls it in its own pace, and holds what it is given against
/// the ledger.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cpperon/cpperon.hpp"
#include "sim/application.hpp"
#include "sim/destinations.hpp"
#include "sim/ledger.hpp"

namespace cpperon::sim {

struct SubscriberPlan {
    std::size_t application = 0;
    std::string channel;
    std::int32_t stream_id = 0;
    std::vector<std::string> destinations{};
    bool is_reliable = true;
    /// No image may go before it was read to its end: nothing gets cut off, killed, rejected, revoked or left behind.
    bool sees_everything = true;
    /// What it reads is held against the ledger; not where datagrams are damaged.
    bool is_checked = true;
    // How it polls.
    double lazy_rate = 0.2;      ///< steps in which it does nothing
    double long_pause_rate = 0;  ///< steps after which it does nothing for a while
    std::int64_t long_pause_ns = 0;
    double controlled_poll_rate = 0.3;  ///< with a handler that stops, commits and takes back
    int fragment_limit = 20;
};

class Subscriber final : public Actor {
public:
    Subscriber(World& world, Application& application, Ledgers& ledgers, SubscriberPlan plan);
    Subscriber(const Subscriber&) = delete;
    Subscriber& operator=(const Subscriber&) = delete;
    ~Subscriber() override;

    [[nodiscard]] const SubscriberPlan& plan() const noexcept { return plan_; }
    [[nodiscard]] Application& application() const noexcept { return application_; }

    void want(bool is_wanted) noexcept { is_wanted_ = is_wanted; }
    void want_destination(const std::size_t index, const bool is_wanted) noexcept {
        has_lost_ipc_ = has_lost_ipc_ || (!is_wanted && plan_.destinations[index] == "aeron:ipc");
        destinations_.want(index, is_wanted);
    }
    /// Its client was killed.
    void die();
    /// Has the driver drop one of its images.
    void reject_an_image();
    /// From now on polls in each step.
    void hurry() noexcept { is_hurrying_ = true; }

    [[nodiscard]] bool is_wanted() const noexcept { return is_wanted_; }
    [[nodiscard]] bool is_open() const noexcept { return state_ == State::open; }
    [[nodiscard]] bool is_absent() const noexcept { return state_ == State::absent; }
    /// It has an image of the stream and has read it up to `position`.
    [[nodiscard]] bool has_read(const Ledger& ledger, std::int64_t position) const;
    [[nodiscard]] std::uint64_t messages() const noexcept { return messages_; }
    /// Of its subscription; nothing unless it is open.
    [[nodiscard]] std::optional<std::int64_t> registration_id() const;
    /// Of one of its images; nothing if there is none.
    [[nodiscard]] std::optional<std::int64_t> image_correlation_id() const;
    /// For a failure's text.
    [[nodiscard]] std::string describe() const;

    int step() override;

private:
    enum class State : std::uint8_t { absent, adding, open };

    /// One image as it is being read.
    struct Reading {
        Image image;
        Ledger* ledger = nullptr;
        std::optional<std::size_t> next;  ///< index of the message to come, once one was seen
        bool is_late = false;             ///< its publishers had closed it by then, and may give it up any time
    };
    struct OnMessage {
        Subscriber* subscriber;
        void operator()(std::span<const std::byte> message, const Header& header) const {
            subscriber->on_message(message, header);
        }
    };
    struct OnControlledMessage {
        Subscriber* subscriber;
        ControlledAction operator()(std::span<const std::byte> message, const Header& header) const {
            return subscriber->on_controlled_message(message, header);
        }
    };

    int add();
    int poll_add();
    int change_destinations();
    void close();
    void lose();
    int poll();
    void on_available(const Image& image);
    void on_unavailable(const Image& image);
    void on_message(std::span<const std::byte> message, const Header& header);
    [[nodiscard]] ControlledAction on_controlled_message(std::span<const std::byte> message, const Header& header);
    [[nodiscard]] std::optional<std::size_t> expected_index(const Reading& reading, std::int64_t end);
    void check_end(const Reading& reading);

    World& world_;
    Application& application_;
    Ledgers& ledgers_;
    SubscriberPlan plan_;
    Dice dice_;

    State state_ = State::absent;
    bool is_wanted_ = false;
    bool is_hurrying_ = false;
    int generation_ = 0;
    int incarnation_ = 0;  ///< counts its subscriptions: handlers of earlier ones are not for this one
    std::int64_t not_before_ns_ = 0;
    Pending<Subscription> pending_;
    Subscription subscription_;
    Destinations destinations_;
    bool has_lost_ipc_ = false;                          // as a destination, at least for a while
    std::map<std::int32_t, Reading> readings_;           // by session
    std::map<const Ledger*, std::size_t> first_unseen_;  // of each stream, over all of its images
    FragmentAssembler<OnMessage> assembler_{OnMessage{this}};
    ControlledFragmentAssembler<OnControlledMessage> controlled_assembler_{OnControlledMessage{this}};
    bool is_controlled_ = false;  ///< which of the two is used: a partial message is in one of them
    std::uint64_t messages_ = 0;
};

}  // namespace cpperon::sim
