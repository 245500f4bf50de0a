/// A program without exceptions and run-time type information: an embedded driver and a client on the paths that answer
/// with values. Says what went wrong and ends with 1 if anything did.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <thread>
#include <utility>

#include "cpperon/cpperon.hpp"

#if defined(__cpp_exceptions) || defined(__cpp_rtti)
#error "this program is to be built with -fno-exceptions -fno-rtti"
#endif

namespace {

using namespace cpperon;  // NOLINT(google-build-using-namespace): a program of its own

constexpr std::int32_t stream_id = 1'001;
constexpr int message_count = 10'000;

void require(const bool holds, const char* const what) {
    if (!holds) {
        std::fprintf(stderr, "failed: %s\n", what);
        std::exit(EXIT_FAILURE);
    }
}

/// Asks until there is something, at most for half a minute.
template <typename Ask>
auto wait_for(Ask&& ask, const char* const what) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    for (;;) {
        if (auto answer = ask()) {
            return answer;
        }
        require(std::chrono::steady_clock::now() < deadline, what);
        std::this_thread::yield();
    }
}

template <typename T>
T value_of(Pending<T> pending, const char* const what) {
    auto answer = wait_for([&] { return pending.poll(); }, what);
    if (!*answer) {
        std::fprintf(stderr, "%s: %s\n", what, answer->error().message.c_str());
        std::exit(EXIT_FAILURE);
    }
    return std::move(**answer);
}

template <typename T>
ErrorCode error_of(Pending<T> pending, const char* const what) {
    auto answer = wait_for([&] { return pending.poll(); }, what);
    require(!*answer && !answer->error().message.empty(), what);
    return answer->error().code;
}

/// A message is its number, repeated up to its length; each 100th needs several fragments.
std::size_t length_of(const int number) {
    return number % 100 == 0 ? 5'000 : 8;
}

void exchange(Publication& publication, const Subscription& subscription) {
    int sent = 0;
    int received = 0;
    std::byte message[5'000] = {};
    FragmentAssembler assembler{[&](const std::span<const std::byte> arrived, const Header& /*header*/) {
        require(arrived.size() == length_of(received), "a message has its length");
        require(
            arrived.front() == static_cast<std::byte>(received) && arrived.back() == static_cast<std::byte>(received),
            "a message has its bytes");
        ++received;
    }};
    wait_for(
        [&] {
            if (sent < message_count) {
                const std::span<std::byte> bytes = std::span{message}.first(length_of(sent));
                bytes.front() = bytes.back() = static_cast<std::byte>(sent);
                const OfferResult result = publication.offer(bytes);
                require(result || result.is_retryable(), "an offer is taken or may be retried");
                sent += result ? 1 : 0;
            }
            subscription.poll(assembler, 10);
            return received == message_count;
        },
        "all messages to arrive");

    BufferClaim claim = wait_for([&] { return publication.try_claim(3); }, "a claim");
    claim.commit();
    int claimed = 0;
    const auto count = [&](const std::span<const std::byte> arrived, const Header& /*header*/) {
        claimed += static_cast<int>(arrived.size());
    };
    wait_for([&] { return subscription.poll(count, 10) > 0; }, "the claimed message to arrive");
    require(claimed == 3, "the claimed message has three bytes");
}

}  // namespace

int main() {
    EmbeddedDriver driver{{.ipc_term_length = 65'536}};
    Aeron aeron = value_of(Aeron::async_connect({.directory = driver.directory()}), "the client connects");
    require(error_of(Aeron::async_connect({.keepalive_interval = std::chrono::nanoseconds{-1}}),
                     "a setting is refused") == ErrorCode::invalid_argument,
            "a setting is refused as an invalid argument");

    require(error_of(aeron.async_add_publication("aeron:nonsense", stream_id), "a channel is refused") ==
                ErrorCode::invalid_channel,
            "a malformed channel is refused by the client");
    require(error_of(aeron.async_add_publication("aeron:ipc?mtu=1000", stream_id), "a parameter is refused") ==
                ErrorCode::generic_error,
            "a parameter is refused by the driver");
    require(!ChannelUri::try_parse("aeron:tcp"), "a malformed URI is an error as a value");

    const Subscription subscription = value_of(aeron.async_add_subscription("aeron:ipc", stream_id), "a subscription");
    Publication publication = value_of(aeron.async_add_publication("aeron:ipc", stream_id), "a publication");
    Counter counter = value_of(aeron.async_add_counter(1'101, "plain"), "a counter");
    counter.set(42);
    require(counter.get() == 42, "a counter has its value");
    constexpr std::chrono::seconds patience{30};
    require(await_connected(publication, patience) && await_images(subscription, 1, patience), "the two meet");
    StatusTracker tracker;
    require(tracker.observe(publication.status()) == Status::connected, "a connected publication says so");
    require(offer_until_taken(publication, std::string_view{"first"}, patience).position() == 64, "an offer is taken");
    claim_until_taken(publication, 3, patience).abort();
    int first = 0;
    require(await(
                aeron,
                [&] {
                    first += subscription.poll([](const std::span<const std::byte>, const Header&) {}, 10);
                    return first == 1;
                },
                patience),
            "the first message arrives");
    require(error_of(subscription.async_remove_destination(RegistrationId{7}), "a destination that is none") ==
                ErrorCode::invalid_argument,
            "a destination that is none is refused as a value");
    exchange(publication, subscription);

    publication.close();
    require(publication.offer(std::string_view{"late"}).status() == OfferStatus::closed, "a closed one says so");
    wait_for([&] { return !subscription.is_connected(); }, "the image to go");
    aeron.close();
    require(aeron.is_closed() && subscription.is_closed(), "what is closed says so");
    require(
        error_of(aeron.async_add_publication("aeron:ipc", stream_id), "an add of a closed client") == ErrorCode::closed,
        "a closed client refuses as a value");
    driver.close();
    return EXIT_SUCCESS;
}
