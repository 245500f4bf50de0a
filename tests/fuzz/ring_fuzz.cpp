/// Fuzz target: the command ring, first used as intended and compared with a queue, then with contents as a hostile
/// process may have written them. spec: 01 §4
///
/// Input: one byte for the capacity; then operations, two bytes each; what follows the mark 0xff overwrites the section
/// from its start before the operations are done once more. Build with clang's `-fsanitize=fuzzer,address,undefined`.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <span>
#include <vector>

#include "cpperon/shm/many_to_one_ring_buffer.hpp"

namespace {

using namespace cpperon;
using namespace cpperon::shm;

void require(const bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// The bytes a message of this length and type carries.
std::vector<std::byte> payload_of(const std::int32_t type_id, const std::int32_t length) {
    return std::vector<std::byte>(static_cast<std::size_t>(length), static_cast<std::byte>(type_id * 17 + length));
}

struct Message {
    std::int32_t type_id = 0;
    std::int32_t length = 0;
};

/// Does the operations; with `is_sound`, what is consumed must be what was written.
void operate(ManyToOneRingBuffer& ring, const std::span<const std::uint8_t> operations, const bool is_sound) {
    std::deque<Message> expected;
    const auto accept = [&](const std::int32_t type_id, const std::span<const std::byte> payload) {
        require(payload.size() <= static_cast<std::size_t>(ring.max_message_length()));
        if (is_sound) {
            require(!expected.empty() && expected.front().type_id == type_id);
            require(std::ranges::equal(payload, payload_of(type_id, expected.front().length)));
            expected.pop_front();
        }
    };
    // One pass ends at the end of the buffer, and a padding record may be all it sees.
    const auto consume_all = [&] {
        std::int64_t head = 0;
        int passes = 0;
        do {
            head = ring.consumer_position();
            ring.consume(accept, 8);
        } while (ring.consumer_position() != head && ++passes < 256);
    };
    for (std::size_t i = 0; i + 1 < operations.size(); i += 2) {
        const std::int32_t type_id = 1 + operations[i] / 8;
        const std::int32_t length = operations[i + 1];
        switch (operations[i] % 8) {
            case 0:
            case 1:
                if (ring.write(type_id, payload_of(type_id, length)) == RingWriteResult::written) {
                    expected.push_back({type_id, length});
                }
                break;
            case 2:
            case 3:
                if (const RingClaim claim = ring.try_claim(type_id, length)) {
                    std::ranges::copy(payload_of(type_id, length), claim.payload.begin());
                    if (operations[i] % 8 == 2) {
                        require(ring.commit(claim.offset) || !is_sound);
                        expected.push_back({type_id, length});
                    } else {
                        require(ring.abort(claim.offset) || !is_sound);
                    }
                }
                break;
            case 4:  // a producer dies; what lies before it is consumed, or the unblock has nothing to do
                if (ring.try_claim(type_id, length)) {
                    consume_all();
                    require(ring.unblock() || !is_sound);
                }
                break;
            case 5: ring.consume(accept, length % 4); break;
            case 6:
                ring.controlled_consume(
                    [&](const std::int32_t id, const std::span<const std::byte> payload) {
                        const auto action = static_cast<ControlledAction>(1 + (id + length) % 4);
                        if (action != ControlledAction::abort) {
                            accept(id, payload);
                        }
                        return action;
                    },
                    4);
                break;
            default: ring.unblock(); break;
        }
    }
    require(!is_sound || ring.malformed_records() == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* const data, const std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::size_t capacity = std::size_t{8} << (data[0] % 8);
    // On the heap and not longer than needed, for the sanitizer to see each step beyond.
    std::vector<std::int64_t> memory((capacity + RingTrailer::length) / sizeof(std::int64_t));
    const std::span<std::byte> section = std::as_writable_bytes(std::span{memory});
    const std::span<const std::uint8_t> input{data + 1, size - 1};
    const auto mark = std::find(input.begin(), input.end(), std::uint8_t{0xff});
    const std::span<const std::uint8_t> operations{input.begin(), mark};

    ManyToOneRingBuffer ring{section};
    operate(ring, operations, true);

    const std::span<const std::uint8_t> contents{mark, input.end()};
    if (!contents.empty()) {
        std::memcpy(section.data(), contents.data(), std::min(contents.size(), section.size()));
        operate(ring, operations, false);
    }
    return 0;
}
