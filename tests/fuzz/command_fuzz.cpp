/// Fuzz target: commands and events as another process may have written them. The first two bytes choose the type id,
/// the rest is the payload. Whatever decodes must survive being written and read again. spec: 02 §3, §4
///
/// Build with clang's `-fsanitize=fuzzer,address,undefined`.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "cpperon/command/codec.hpp"

namespace {

using namespace cpperon::command;

void require(const bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// A text of a decoded message lies within the payload.
class BoundsCheck {
public:
    explicit BoundsCheck(const std::span<const std::byte> payload) : payload_(payload) {}

    void operator()(std::string_view /*field*/, const std::string_view text) {
        require_inside(std::as_bytes(std::span{text}));
    }
    void operator()(std::string_view /*field*/, const std::span<const std::byte> bytes) { require_inside(bytes); }
    void operator()(std::string_view /*field*/, const auto& /*value*/) {}
    void optional_last(std::string_view /*field*/, const auto& /*value*/) {}
    void align(std::size_t /*alignment*/) {}
    void pad_to(std::size_t /*length*/) {}

private:
    void require_inside(const std::span<const std::byte> bytes) const {
        const std::less_equal<> before;
        require(before(payload_.data(), bytes.data()) &&
                before(bytes.data() + bytes.size(), payload_.data() + payload_.size()));
    }

    std::span<const std::byte> payload_;
};

template <Message T>
void check(const T& message, const std::span<const std::byte> payload) {
    BoundsCheck bounds{payload};
    T::layout(message, bounds);

    std::vector<std::byte> written(encoded_length(message));
    require(encode(message, written) == written.size());
    const auto again = decode<T>(written);
    require(again.has_value());
    std::vector<std::byte> rewritten(encoded_length(*again));
    encode(*again, rewritten);
    require(std::ranges::equal(written, rewritten));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* const data, const std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const std::int32_t type_id = data[0] | data[1] << 8;
    // A copy of exactly that length, so that a byte read too many is seen.
    const std::span<const std::byte> tail = std::as_bytes(std::span{data, size}).subspan(2);
    const std::vector<std::byte> payload(tail.begin(), tail.end());

    const auto command = decode_command(type_id, payload);
    if (command) {
        std::visit([&](const auto& message) { check(message, payload); }, *command);
    } else {
        require(!describe_command_error(type_id, command.error()).empty());
    }
    const auto event = decode_event(type_id, payload);
    if (event) {
        std::visit([&](const auto& message) { check(message, payload); }, *event);
    } else {
        require(!describe_event_error(type_id, event.error()).empty());
    }
    return 0;
}
