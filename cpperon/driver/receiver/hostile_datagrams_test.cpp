// What a stranger can do with datagrams: a seeded stream of valid frames, broken frames and garbage.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cpperon/base/random.hpp"
#include "cpperon/driver/receiver/receiver_fixture.hpp"

namespace cpperon::driver {
namespace {

class HostileDatagrams : public OneEndpoint, public ::testing::WithParamInterface<std::uint64_t> {
public:
    std::uint64_t below(const std::uint64_t limit) { return random_.next_u64() % limit; }
    std::int32_t any_position() { return static_cast<std::int32_t>(32 * below(3 * 65'536 / 32)); }

    /// A frame for senders.
    Datagram misdirected() {
        const std::int32_t session_id = stream.session_id;
        const std::int32_t stream_id = stream.stream_id;
        switch (below(4)) {
            case 0: return encoded(wire::StatusMessage{.session_id = session_id, .stream_id = stream_id});
            case 1: return encoded(wire::Nak{.session_id = session_id, .stream_id = stream_id, .gap_length = 32});
            case 2: return encoded(wire::ErrorFrame{.session_id = session_id, .stream_id = stream_id, .text = "x"});
            default: return encoded(wire::ResponseSetup{.session_id = session_id, .stream_id = stream_id});
        }
    }
    /// A frame that could be right.
    Datagram sensible() {
        switch (below(9)) {
            case 0: return stream.heartbeat(any_position());
            case 1: return stream.end_of_stream(any_position());
            case 2: return stream.padding(any_position(), static_cast<std::int32_t>(32 * below(3'000)));
            case 3: return encoded(stream.setup(any_position()));
            case 4:
                return encoded(wire::RttMeasurement{.flags = static_cast<std::uint8_t>(below(256)),
                                                    .session_id = stream.session_id,
                                                    .stream_id = stream.stream_id,
                                                    .echo_timestamp_ns = random_.next_i32()});
            case 5: return misdirected();
            default: break;
        }
        const std::int64_t position = any_position();
        Datagram datagram = stream.data(position, static_cast<std::int32_t>(below(1'300)));
        for (std::uint64_t more = below(4); more > 0; --more) {
            const Datagram next = stream.data(position + static_cast<std::int64_t>(datagram.size()),
                                              static_cast<std::int32_t>(below(300)));
            datagram.insert(datagram.end(), next.begin(), next.end());
        }
        return datagram;
    }
    Datagram mutated(Datagram datagram) {
        for (std::uint64_t flips = below(4); flips > 0; --flips) {
            // The headers are where the interesting bytes are.
            const std::uint64_t limit = below(2) == 0 ? std::min<std::uint64_t>(datagram.size(), 32) : datagram.size();
            datagram[below(limit)] = static_cast<std::byte>(below(256));
        }
        if (below(8) == 0) {
            datagram.resize(1 + below(2 * datagram.size()));
        }
        return datagram;
    }
    /// A run of equal lengths, as the network may hand over.
    std::vector<Datagram> run() {
        std::vector<Datagram> datagrams{mutated(sensible())};
        for (std::uint64_t more = below(5); more > 0; --more) {
            datagrams.push_back(mutated(sensible()));
            datagrams.back().resize(datagrams.front().size());
        }
        return datagrams;
    }

private:
    SeededRandomSource random_{GetParam()};
};

/// Of everything but the metadata, which hold a count and the end of the stream.
std::string terms_of(const TestImage& image) {
    return logbuffer::text_of(image.log->bytes().first(std::size_t{3} * 65'536));
}

/// The sanitizers watch over every byte outside of the log, which is memory of exactly its length.
TEST_P(HostileDatagrams, NeitherCrashTheReceiverNorDisturbAnotherImage) {
    TestImage victim = add_image();
    ArrivingStream neighbouring_stream = stream;
    neighbouring_stream.session_id = 0x0BADCAFE;
    const TestImage neighbour = add_image({.stream = neighbouring_stream});
    deliver(neighbouring_stream.data(0, 64, 'n'));
    const std::string before = terms_of(neighbour);

    for (int i = 0; i < 3'000; ++i) {
        deliver_run(destination, run());
        if (below(16) == 0) {
            clock.advance(50ms);
            victim.signals().status.store({.position = any_position(), .window_length = 32'768});
        }
        if (below(16) == 0) {
            victim.signals().gap.store({.term_id = 7 + static_cast<std::int32_t>(below(3)),
                                        .term_offset = any_position() % 65'536,
                                        .length = 32});
        }
    }

    EXPECT_EQ(terms_of(neighbour), before);
    EXPECT_EQ(neighbour.high_water_mark.get(), 96);
    EXPECT_FALSE(neighbour.signals().is_end_of_stream.load());
    EXPECT_GT(counter(SystemCounter::invalid_packets), 0);
    EXPECT_GT(victim.high_water_mark.get(), 0);
    // Each kind of fault once, however often it came.
    EXPECT_EQ(counter(SystemCounter::errors), static_cast<std::int64_t>(error_texts().size()))
        << ::testing::PrintToString(error_texts());
}

INSTANTIATE_TEST_SUITE_P(Seeds, HostileDatagrams, ::testing::Range<std::uint64_t>(1, 6),
                         [](const auto& seed) { return fmt::format("Seed{}", seed.param); });

}  // namespace
}  // namespace cpperon::driver
