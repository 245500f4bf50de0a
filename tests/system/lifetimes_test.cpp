/// Whatever is copied, moved, dropped and closed, in whatever order and on whatever thread, beside others that poll and
/// offer, and after the driver or the client is gone: never a crash, never a dangling mapping. Random; run it with the
/// sanitizers. `CPPERON_TEST_SEED` replays a run. design §4.5, spec: 07 §F
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/cpperon.hpp"
#include "tests/support/sanitizer.hpp"
#include "tests/system/driver_process.hpp"

namespace cpperon::system_test {
namespace {

using namespace std::chrono_literals;

/// Handles that threads exchange: a copy taken here may be the last one of its resource.
template <typename Handle>
class Exchange {
public:
    /// Puts a handle in and may take another one out.
    std::optional<Handle> swap(Handle handle, const std::uint64_t choice) {
        const std::lock_guard lock{mutex_};
        handles_.push_back(std::move(handle));
        if (handles_.size() < capacity) {
            return std::nullopt;
        }
        std::swap(handles_[choice % handles_.size()], handles_.back());
        std::optional<Handle> out = std::move(handles_.back());
        handles_.pop_back();
        return out;
    }
    void clear() {
        const std::vector<Handle> dropped = [&] {
            const std::lock_guard lock{mutex_};
            return std::exchange(handles_, {});
        }();
    }

private:
    static constexpr std::size_t capacity = 8;

    std::mutex mutex_;
    std::vector<Handle> handles_;
};

struct Exchanges {
    Exchange<Publication> publications;
    Exchange<ExclusivePublication> exclusive_publications;
    Exchange<Subscription> subscriptions;
    Exchange<Image> images;
    Exchange<Counter> counters;
};

/// One thread of an application without manners. It polls its own subscriptions and offers to its own exclusive
/// publications, as it must; everything else it does with anybody's.
class Wanderer {
public:
    Wanderer(Aeron aeron, std::shared_ptr<Exchanges> exchanges, const std::uint64_t seed)
        : aeron_(std::move(aeron)), exchanges_(std::move(exchanges)), random_(seed) {}

    void step() {
        switch (draw(20)) {
            case 0: add_publication(); break;
            case 1: exclusive_ = take(aeron_.async_add_exclusive_publication("aeron:ipc", stream())); break;
            case 2:
            case 3: add_subscription(); break;
            case 4: counter_ = take(aeron_.async_add_counter(1'000, "of a wanderer")); break;
            case 5: hand_over(publication_, exchanges_->publications); break;
            case 6: hand_over(exclusive_, exchanges_->exclusive_publications); break;
            case 7: hand_over(subscription_, exchanges_->subscriptions); break;
            case 8: hand_over(counter_, exchanges_->counters); break;
            case 9: hand_over(image_, exchanges_->images); break;
            case 10: publication_ = {}; break;
            case 11: claim_ = {}; break;
            case 12: claim_ = publication_.try_claim(16); break;
            case 13: write_into_claim(); break;
            case 14: look_at_image(); break;
            case 15: counter_.increment(); break;
            default:
                static_cast<void>(publication_.offer("to everybody"));
                static_cast<void>(exclusive_.offer("to everybody"));
                poll();
                break;
        }
    }

    void drop_client() { aeron_ = {}; }

private:
    std::uint64_t draw(const std::uint64_t bound) { return random_() % bound; }
    std::int32_t stream() { return static_cast<std::int32_t>(draw(3)); }

    /// Waits, gives up, or drops the request at once.
    template <typename Handle>
    Handle take(Pending<Handle> pending) {
        switch (draw(4)) {
            case 0: return {};
            case 1: pending.cancel(); return {};
            default: break;
        }
        Result<Handle> result = pending.try_wait(5s);
        return result ? std::move(result).value() : Handle{};
    }

    /// A copy, or the handle itself, goes to the others; what comes back is used, closed or dropped.
    template <typename Handle>
    void hand_over(Handle& own, Exchange<Handle>& exchange) {
        std::optional<Handle> other = exchange.swap(draw(2) == 0 ? own : std::exchange(own, Handle{}), draw(1'000));
        if (!other) {
            return;
        }
        use(*other);
        if constexpr (!std::is_same_v<Handle, Image>) {
            if (draw(3) == 0) {
                other->close();
            }
        }
    }

    void use(const Publication& publication) {
        static_cast<void>(publication.is_connected());
        static_cast<void>(publication.position());
        static_cast<void>(publication.constants());
    }
    void use(const ExclusivePublication& publication) { static_cast<void>(publication.is_connected()); }
    void use(const Subscription& subscription) {
        static_cast<void>(subscription.is_connected());
        static_cast<void>(subscription.channel_status());
        static_cast<void>(subscription.images());
    }
    void use(const Image& image) {
        static_cast<void>(image.position());
        static_cast<void>(image.is_end_of_stream());
        static_cast<void>(image.source_identity());
    }
    void use(const Counter& counter) { static_cast<void>(counter.get()); }

    void add_publication() { publication_ = take(aeron_.async_add_publication("aeron:ipc", stream())); }

    void add_subscription() {
        // The handlers make it worse: they add, copy and drop on the conductor's thread.
        subscription_ = take(aeron_.async_add_subscription(
            "aeron:ipc", stream(),
            {.on_available =
                 [client = aeron_, exchanges = exchanges_](const Image& image) mutable {
                     exchanges->images.swap(image, 3);
                     client.async_add_publication("aeron:ipc", 0).cancel();
                 },
             .on_unavailable = [exchanges = exchanges_](const Image& image) { exchanges->images.swap(image, 5); }}));
    }

    void write_into_claim() {
        if (claim_) {
            claim_.data()[0] = std::byte{1};
            claim_.commit();
        }
    }

    void look_at_image() {
        if (std::optional<Image> image = subscription_.image_at(0)) {
            image_ = *std::move(image);
        }
        use(image_);
    }

    void poll() {
        subscription_.poll([&](std::span<const std::byte>, const Header& header) { image_ = Image::of(header); }, 10);
    }

    Aeron aeron_;
    std::shared_ptr<Exchanges> exchanges_;
    std::mt19937_64 random_;
    Publication publication_;
    ExclusivePublication exclusive_;
    Subscription subscription_;
    Image image_;
    Counter counter_;
    BufferClaim claim_;
};

/// What happens while the wanderers wander.
enum class Interruption { none, driver_closes, client_closes, clients_are_dropped };

class Lifetimes : public testing::TestWithParam<Interruption> {};

// spec: 02-C41, 07-C10
TEST_P(Lifetimes, AnyOrderOnAnyThreadIsSafe) {
    const std::uint64_t seed = test_seed();
    SCOPED_TRACE("CPPERON_TEST_SEED=" + std::to_string(seed));
    RecordProperty("seed", std::to_string(seed));
    constexpr int thread_count = 3;
    const int steps = test::is_sanitized ? 400 : 2'000;
    EmbeddedDriver driver{{.ipc_term_length = 65'536,
                           .publication_linger_timeout = 1ms,
                           .publication_unblock_timeout = 11s,
                           .timer_interval = 2ms,
                           .counters_free_to_reuse_timeout = 0ms}};
    const auto exchanges = std::make_shared<Exchanges>();
    const auto has_ended = std::make_shared<std::atomic<bool>>(false);
    std::optional<Aeron> aeron = Aeron::connect({.directory = driver.directory(),
                                                 .on_error = [](const Error&) {},
                                                 .on_close_client = [has_ended] { *has_ended = true; }});
    std::atomic<int> half_way{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < thread_count; ++i) {
        threads.emplace_back([&, i, client = *aeron]() mutable {
            Wanderer wanderer{std::move(client), exchanges, seed + static_cast<std::uint64_t>(i)};
            for (int step = 0; step < steps; ++step) {
                if (step == steps / 2) {
                    ++half_way;
                    if (GetParam() == Interruption::clients_are_dropped) {
                        wanderer.drop_client();
                    }
                }
                wanderer.step();
            }
        });
    }

    wait_until([&] { return half_way > 0; }, "a wanderer to be half way");
    switch (GetParam()) {
        case Interruption::none: break;
        case Interruption::driver_closes: driver.close(); break;
        case Interruption::client_closes: aeron->close(); break;
        case Interruption::clients_are_dropped: aeron.reset(); break;
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    if (aeron) {
        aeron->close();
        EXPECT_TRUE(aeron->is_closed());
    }
    // Handles outlive the client, and the driver's files.
    driver.close();
    exchanges->publications.clear();
    exchanges->exclusive_publications.clear();
    exchanges->subscriptions.clear();
    exchanges->images.clear();
    exchanges->counters.clear();
    // The handlers of the last subscription may have held the last handle of the client.
    wait_until([&] { return has_ended->load(); }, "the client to end");
}

INSTANTIATE_TEST_SUITE_P(All, Lifetimes,
                         testing::Values(Interruption::none, Interruption::driver_closes, Interruption::client_closes,
                                         Interruption::clients_are_dropped),
                         [](const testing::TestParamInfo<Interruption>& instance) {
                             switch (instance.param) {
                                 case Interruption::none: return "Undisturbed";
                                 case Interruption::driver_closes: return "DriverCloses";
                                 case Interruption::client_closes: return "ClientCloses";
                                 case Interruption::clients_are_dropped: return "ClientsAreDropped";
                             }
                             return "Unknown";
                         });

}  // namespace
}  // namespace cpperon::system_test
