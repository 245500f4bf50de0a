/// The cpperon client in the side-by-side benchmark, on whichever driver has the directory. See measures.hpp.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "bench/machine.hpp"
#include "bench/peers/measures.hpp"
#include "cpperon/client/aeron.hpp"
#include "cpperon/client/waiting.hpp"

namespace {

/// False where it may be tried again; throws where not.
bool is_taken(const cpperon::OfferResult result) {
    if (!result && !result.is_retryable()) {
        throw cpperon::OfferError{result};
    }
    return static_cast<bool>(result);
}

struct Offering {
    cpperon::ExclusivePublication publication;

    bool try_send(const std::span<const std::byte> message) const { return is_taken(publication.offer(message)); }
};

struct Claiming {
    cpperon::ExclusivePublication publication;
    cpperon::BufferClaim claim{};

    bool try_send(const std::span<const std::byte> message) {
        if (!is_taken(publication.try_claim(message.size(), claim))) {
            return false;
        }
        std::copy(message.begin(), message.end(), claim.data().begin());
        claim.commit();
        return true;
    }
};

struct Polling {
    cpperon::Subscription subscription;

    template <typename Handler>
    int receive(const Handler& handler, const int limit) const {
        return subscription.poll([&handler](const std::span<const std::byte> message,
                                            const cpperon::Header& /*header*/) { handler(message); },
                                 limit);
    }
};

template <typename Sender>
struct Stream {
    Polling in;
    Sender out;

    Stream(cpperon::Aeron& aeron, const peers::Settings& settings, const std::int32_t stream_id)
        : in{aeron.add_subscription(settings.channel, stream_id)},
          out{aeron.add_exclusive_publication(settings.channel, stream_id)} {
        if (!cpperon::await_connected(out.publication, std::chrono::seconds{10}) ||
            !cpperon::await_connected(in.subscription, std::chrono::seconds{10})) {
            throw std::runtime_error("the stream was not connected within 10 s");
        }
    }
};

template <typename Sender>
nlohmann::json measure(cpperon::Aeron& aeron, const peers::Settings& settings) {
    Stream<Sender> there{aeron, settings, settings.stream_id};
    if (settings.measure == "stream") {
        return peers::stream(there.out, there.in, settings);
    }
    if (settings.measure == "hand-over") {
        return peers::hand_over(there.out, there.in, settings);
    }
    if (settings.measure == "loop") {
        return peers::loop(there.out, there.in, settings);
    }
    Stream<Sender> back{aeron, settings, settings.stream_id + 1};
    return peers::round_trip(there.out, back.in, there.in, back.out, settings);
}

nlohmann::json run(const peers::Settings& settings) {
    cpperon::Aeron aeron = cpperon::Aeron::connect({.directory = settings.directory});
    nlohmann::json figures =
        settings.is_claiming ? measure<Claiming>(aeron, settings) : measure<Offering>(aeron, settings);
    figures["version"] = cpperon::bench::describe_machine()["commit"];
    return figures;
}

}  // namespace

int main(int argc, char** argv) {
    return peers::program(argc, argv, "cpperon", run);
}
