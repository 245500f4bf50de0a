#include "tools/ping_pong.hpp"

#include <cstring>
#include <random>
#include <span>
#include <vector>

#include "cpperon/base/clock.hpp"
#include "cpperon/base/error.hpp"
#include "cpperon/cpperon.hpp"
#include "tools/ping_schedule.hpp"
#include "tools/stop_signal.hpp"

namespace cpperon::tools {

namespace {

/// Refused for good. Not by a stream that was closed: the client has ended then, and says so itself.
bool is_refused(const OfferResult& result) {
    return !result && !result.is_retryable() && result.status() != OfferStatus::closed;
}

std::int64_t random_id() {
    std::random_device device;
    return static_cast<std::int64_t>(device()) << 32 | static_cast<std::int64_t>(device());
}

}  // namespace

RoundTrips Pinger::play(const Amount& amount, PingProgress& progress) const {
    SystemNanoClock& clock = SystemNanoClock::instance();
    RoundTrips trips;
    const std::int64_t run_id = random_id();
    FragmentAssembler assembler{[&](const std::span<const std::byte> message, const Header&) {
        PingHeader header{};
        if (message.size() < sizeof(header)) {
            return;
        }
        std::memcpy(&header, message.data(), sizeof(header));
        if (header.run_id != run_id) {
            return;
        }
        const std::int64_t now_ns = clock.nano_time();
        trips.from_sending.add(now_ns - header.sent_ns);
        trips.from_due.add(now_ns - header.due_ns);
        // relaxed: one thread writes, and the reader only shows.
        progress.received.store(trips.received(), std::memory_order_relaxed);
        progress.max_ns.store(trips.from_due.max(), std::memory_order_relaxed);
    }};
    std::vector<std::byte> message(length);

    const std::int64_t start_ns = clock.nano_time();
    std::int64_t last_answer_ns = start_ns;
    PingSchedule schedule{start_ns, amount.rate};
    while (true) {
        const std::int64_t now_ns = clock.nano_time();
        const bool is_all_sent = (amount.messages && schedule.sent() >= *amount.messages) ||
                                 (amount.duration && now_ns - start_ns >= amount.duration->count());
        const std::int64_t in_flight = schedule.sent() - trips.received();
        if (is_stop_requested()) {
            trips.end = RunEnd::stopped;
            break;
        }
        if (is_all_sent && in_flight == 0) {
            break;
        }
        if (aeron.is_closed()) {
            trips.end = RunEnd::driver_gone;
            break;
        }

        int work_count = 0;
        const auto due_ns = is_all_sent ? std::nullopt : schedule.due(now_ns, in_flight);
        if (due_ns) {
            const PingHeader header{.run_id = run_id, .due_ns = *due_ns, .sent_ns = now_ns};
            std::memcpy(message.data(), &header, sizeof(header));
            if (const OfferResult result = ping.offer(message)) {
                schedule.on_sent();
                ++work_count;
            } else if (is_refused(result)) {
                throw OfferError{result};
            }
        }
        const int fragments = pong.poll(assembler, fragment_limit);
        if (fragments > 0 || (in_flight == 0 && !due_ns)) {
            last_answer_ns = now_ns;
        } else if (now_ns - last_answer_ns > patience.count()) {
            trips.end = RunEnd::unanswered;
            break;
        }
        idle.idle(work_count + fragments);
    }
    trips.sent = schedule.sent();
    trips.elapsed_ns = clock.nano_time() - start_ns;
    return trips;
}

void echo(const Aeron& aeron, const Subscription& ping, const ExclusivePublication& pong, IdleStrategy& idle,
          const int fragment_limit, EchoCounts& counts, const std::function<bool()>& is_done) {
    ControlledFragmentAssembler assembler{[&](const std::span<const std::byte> message, const Header&) {
        const OfferResult result = pong.offer(message);
        if (result) {
            counts.answered.fetch_add(1, std::memory_order_relaxed);
        } else if (result.status() == OfferStatus::not_connected) {
            counts.dropped.fetch_add(1, std::memory_order_relaxed);
        } else if (is_refused(result)) {
            throw OfferError{result};
        } else {
            return ControlledAction::abort;
        }
        return is_done() ? ControlledAction::break_ : ControlledAction::continue_;
    }};
    while (!is_done() && !aeron.is_closed()) {
        idle.idle(ping.controlled_poll(assembler, fragment_limit));
    }
}

}  // namespace cpperon::tools
