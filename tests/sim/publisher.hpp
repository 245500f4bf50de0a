/// A publisher in a simulation: adds its publication, sends messages in bursts, writes down in the ledger what was
/// taken, and checks what every publisher may rely on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cpperon/cpperon.hpp"
#include "sim/application.hpp"
#include "sim/destinations.hpp"
#include "sim/ledger.hpp"

namespace cpperon::sim {

struct PublisherPlan {
    std::size_t application = 0;
    std::string channel;
    std::int32_t stream_id = 0;
    bool is_exclusive = false;
    std::vector<std::string> destinations{};
    /// What its channel ends with, known only while the simulation runs: of which subscriber, counted over all streams,
    /// this publication is the request for responses, or the response to its image. spec: 04 §11
    std::optional<std::size_t> requests_responses_for{};
    std::optional<std::size_t> responds_to{};
    // How it sends.
    int max_burst = 20;                      ///< messages
    std::int64_t max_pause_ns = 20'000'000;  ///< between bursts
    std::size_t max_length = 1'000;          ///< of most messages; a few are as long as can be
    double claim_rate = 0.2;
    double held_claim_rate = 0;  ///< claims that are completed in a later step only
};

class Publisher final : public Actor {
public:
    Publisher(World& world, Application& application, Ledgers& ledgers, PublisherPlan plan);
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;
    ~Publisher() override;

    [[nodiscard]] const PublisherPlan& plan() const noexcept { return plan_; }
    [[nodiscard]] Application& application() const noexcept { return application_; }

    /// What its channel ends with, from now on asked before each step; nothing: it cannot publish now.
    void set_channel_end(std::function<std::optional<std::string>()> channel_end) {
        channel_end_ = std::move(channel_end);
    }

    /// It should have a publication; what it has is closed otherwise, so that everything sent still arrives.
    void want(bool is_wanted) noexcept { is_wanted_ = is_wanted; }
    void want_destination(const std::size_t index, const bool is_wanted) noexcept {
        destinations_.want(index, is_wanted);
    }
    /// Sends nothing any more.
    void fall_silent() noexcept { is_silent_ = true; }
    /// Ends the stream at once: exclusive publications only.
    void revoke();
    /// Its client was killed.
    void die();

    [[nodiscard]] bool is_wanted() const noexcept { return is_wanted_; }
    [[nodiscard]] bool is_open() const noexcept { return ledger_ != nullptr; }
    /// Nothing of it is left in its client.
    [[nodiscard]] bool is_absent() const noexcept { return state_ == State::absent; }
    /// Of an open one.
    [[nodiscard]] Ledger& ledger() const noexcept { return *ledger_; }
    [[nodiscard]] std::int64_t position();
    [[nodiscard]] bool is_connected();
    [[nodiscard]] std::uint64_t messages() const noexcept { return messages_; }

    int step() override;

private:
    enum class State : std::uint8_t { absent, adding, open };
    using AnyPublication = std::variant<std::monostate, Publication, ExclusivePublication>;
    using AnyPending = std::variant<std::monostate, Pending<Publication>, Pending<ExclusivePublication>>;
    struct HeldClaim {
        BufferClaim claim;
        std::size_t index = 0;
    };

    int add();
    int poll_add();
    int change_destinations();
    template <typename Handle>
    void open(Handle publication);
    void close();
    void lose();
    int publish();
    int send_one();
    template <typename Handle>
    OfferResult offer(Handle& publication, std::size_t length);
    template <typename Handle>
    OfferResult claim(Handle& publication, std::size_t length);
    void complete_claim();
    void take(OfferResult result, std::size_t length, std::int64_t framed_length);
    void check_limit(OfferResult result, OfferResult before, OfferResult limit);
    [[nodiscard]] std::size_t draw_length(std::int32_t max_payload, std::int32_t max_message);
    template <typename Visitor>
    auto with_publication(Visitor&& visitor);

    World& world_;
    Application& application_;
    Ledgers& ledgers_;
    PublisherPlan plan_;
    Dice dice_;

    State state_ = State::absent;
    bool is_wanted_ = false;
    bool is_silent_ = false;
    int generation_ = 0;
    std::int64_t not_before_ns_ = 0;
    AnyPending pending_;
    AnyPublication publication_;
    Destinations destinations_;
    std::function<std::optional<std::string>()> channel_end_;
    std::string present_channel_end_;
    Ledger* ledger_ = nullptr;
    std::optional<HeldClaim> held_;
    int burst_ = 0;
    std::uint64_t messages_ = 0;
    std::vector<std::byte> message_;
};

}  // namespace cpperon::sim
