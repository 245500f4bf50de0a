/// Fuzzes what strangers can send to a receiver: whatever arrives, it must not crash, write outside of its image, or
/// believe more than its window. Input: a list of steps, each a byte that says what else happens, two bytes of the
/// length of a run, one of the length of its datagrams, and the run.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>

#include "cpperon/driver/receiver/receiver_scenery.hpp"

namespace {

using namespace cpperon;          // NOLINT(google-build-using-namespace): a program of its own
using namespace cpperon::driver;  // NOLINT(google-build-using-namespace)

/// The stream of the first inputs.
constexpr ArrivingStream stream{.session_id = 5, .stream_id = 1'001, .initial_term_id = -7};

class Steps {
public:
    explicit Steps(const std::span<const std::byte> input) : rest_(input) {}

    [[nodiscard]] bool is_empty() const { return rest_.empty(); }
    std::size_t next_byte() { return rest_.empty() ? 0 : std::to_integer<std::size_t>(next_bytes(1).front()); }
    std::span<const std::byte> next_bytes(const std::size_t length) {
        const std::span<const std::byte> bytes = rest_.first(std::min(length, rest_.size()));
        rest_ = rest_.subspan(bytes.size());
        return bytes;
    }

private:
    std::span<const std::byte> rest_;
};

void require(const bool condition) {
    if (!condition) {
        std::abort();
    }
}

class Fuzzed {
public:
    Fuzzed() {
        scenery_.command(receiver_command::AddEndpoint{.endpoint = &endpoint_});
        scenery_.command(receiver_command::AddInterest{.endpoint = &endpoint_, .stream_id = stream.stream_id});
        scenery_.command(receiver_command::AddImage{.image = image_.receiver.get()});
    }

    void play(Steps& steps) {
        act(steps.next_byte());
        const std::size_t low = steps.next_byte();
        const std::size_t length = low | (steps.next_byte() << 8U);
        const std::size_t segment_length = steps.next_byte() * 8;
        const std::span<const std::byte> run = steps.next_bytes(length);
        if (run.empty()) {
            return;
        }
        scenery_.poller.deliver({.socket = &destination_.socket(),
                                 .bytes = {run.begin(), run.end()},
                                 .segment_length = static_cast<std::uint32_t>(
                                     segment_length == 0 ? run.size() : std::min(segment_length, run.size())),
                                 .source = sender_address,
                                 .media_timestamp_ns = 1});
        scenery_.step();
        const std::int64_t high_water_mark = image_.high_water_mark.get();
        require(high_water_mark >= high_water_mark_ && high_water_mark <= position_ + stream.term_length / 2);
        high_water_mark_ = high_water_mark;
        ReceiverScenery::socket_of(destination_).sent.clear();
    }

private:
    void act(const std::size_t what) {
        if ((what & 1U) != 0) {
            scenery_.clock.advance(std::chrono::milliseconds{what});
        }
        if ((what & 2U) != 0) {
            position_ = std::max(position_, high_water_mark_);
            image_.signals().status.store({.position = position_, .window_length = stream.term_length / 2});
        }
        if ((what & 4U) != 0) {
            image_.signals().gap.store({.term_id = stream.term_id_of(position_),
                                        .term_offset = stream.offset_of(position_),
                                        .length = 32 * static_cast<std::int64_t>(what)});
        }
    }

    ReceiverScenery scenery_;
    ReceiveDestination& destination_ = scenery_.make_destination();
    ReceiveEndpoint& endpoint_ =
        scenery_.make_endpoint({&destination_}, {.receiver_id = 1,
                                                 .media_receive_timestamp_offset = {.value = 0},
                                                 .channel_receive_timestamp_offset = TimestampOffset::reserved()});
    TestImage image_ = scenery_.make_image(endpoint_, destination_, {.stream = stream, .is_reliable = false});
    std::int64_t position_ = 0;
    std::int64_t high_water_mark_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* const data, const std::size_t size) {
    Steps steps{std::as_bytes(std::span{data, size})};
    Fuzzed fuzzed;
    while (!steps.is_empty()) {
        fuzzed.play(steps);
    }
    return 0;
}
