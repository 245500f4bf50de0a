#include "cpperon/command/codec.hpp"

#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "cpperon/base/random.hpp"
#include "cpperon/command/message_test_support.hpp"

namespace cpperon::command {
namespace {

using test::Bytes;
using test::encoded;
using test::fields_of;
using Reason = DecodeError::Reason;

/// Calls `f.operator()<T>()` for every kind of message in the variant.
template <typename Any, typename F>
void for_each_kind(F&& f) {
    [&]<std::size_t... Indices>(std::index_sequence<Indices...>) {
        (f.template operator()<std::variant_alternative_t<Indices, Any>>(), ...);
    }
    (std::make_index_sequence<std::variant_size_v<Any>>{});
}

template <typename F>
void for_each_message(F&& f) {
    for_each_kind<Command>(f);
    for_each_kind<Event>(f);
}

/// Decodes by number, and gives the fields as text whatever came out.
template <Message T>
std::string decode_by_type_id(const std::span<const std::byte> payload) {
    const auto visit_any = [](const auto& decoded) {
        return decoded ? std::visit([](const auto& message) { return fields_of(message); }, *decoded)
                       : "refused because of " + std::string{decoded.error().field};
    };
    if constexpr (std::is_same_v<std::remove_cv_t<decltype(T::type)>, CommandType>) {
        return visit_any(decode_command(type_id<T>, payload));
    } else {
        return visit_any(decode_event(type_id<T>, payload));
    }
}

/// Fills every field of a message with something. Texts of 0 to 40 bytes are kept here.
class RandomFields {
public:
    explicit RandomFields(RandomSource& random) : random_(random) {}

    template <typename T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
    void operator()(std::string_view /*field*/, T& value) { value = static_cast<T>(random_.next_u64()); }
    void operator()(std::string_view /*field*/, std::string_view& text) {
        const std::span<const std::byte> bytes = next_bytes();
        text = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    void operator()(std::string_view /*field*/, std::span<const std::byte>& bytes) { bytes = next_bytes(); }
    void operator()(std::string_view /*field*/, std::array<std::byte, 16>& bytes) {
        for (std::byte& b : bytes) {
            b = static_cast<std::byte>(random_.next_u64());
        }
    }
    void optional_last(const std::string_view field, auto& value) { (*this)(field, value); }
    void align(std::size_t /*alignment*/) {}
    void pad_to(std::size_t /*length*/) {}

private:
    std::span<const std::byte> next_bytes() {
        Bytes& bytes = texts_.emplace_back(Bytes(random_.next_u64() % 41));
        for (std::byte& b : bytes) {
            b = static_cast<std::byte>(random_.next_u64());
        }
        return bytes;
    }

    RandomSource& random_;
    std::vector<Bytes> texts_;
};

TEST(Codec, ReadsBackWhatItWrote) {
    const auto seed = SystemRandomSource{}.next_u64();
    SCOPED_TRACE(fmt::format("seed {}", seed));
    SeededRandomSource random{seed};

    for (int round = 0; round < 200; ++round) {
        for_each_message([&]<typename T>() {
            RandomFields fields{random};
            T message;
            T::layout(message, fields);

            const Bytes bytes = encoded(message);

            ASSERT_EQ(fields_of(decode<T>(bytes)), fields_of(message)) << to_string(T::type);
            ASSERT_EQ(decode_by_type_id<T>(bytes), fields_of(message)) << to_string(T::type);
        });
    }
}

/// Every message with texts of the given length.
class TextsOfLength {
public:
    explicit TextsOfLength(const std::size_t length) : text_(length, 'x') {}

    template <typename T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
    void operator()(std::string_view /*field*/, T& value) { value = T{1}; }
    void operator()(std::string_view /*field*/, std::string_view& text) { text = text_; }
    void operator()(std::string_view /*field*/, std::span<const std::byte>& bytes) {
        bytes = std::as_bytes(std::span{text_});
    }
    void operator()(std::string_view /*field*/, std::array<std::byte, 16>& /*bytes*/) {}
    void optional_last(const std::string_view field, auto& value) { (*this)(field, value); }
    void align(std::size_t /*alignment*/) {}
    void pad_to(std::size_t /*length*/) {}

private:
    std::string text_;
};

/// Legal although it is shorter than what we write: the old form of REMOVE_PUBLICATION; texts without our padding.
template <Message T>
bool is_another_form(const std::size_t length, const std::size_t text_length) {
    if (std::is_same_v<T, RemovePublicationCommand>) {
        return length == 24;
    }
    if (std::is_same_v<T, RejectImageCommand>) {
        return length >= 36 + text_length;
    }
    return std::is_same_v<T, PublicationErrorEvent> && length >= 68 + text_length;
}

TEST(Codec, RefusesEveryTruncationWithoutReadingBeyondIt) {
    for (const std::size_t text_length : {0U, 1U, 5U, 9U}) {
        TextsOfLength texts{text_length};
        for_each_message([&]<typename T>() {
            T message;
            T::layout(message, texts);
            const Bytes whole = encoded(message);
            for (std::size_t length = 0; length < whole.size(); ++length) {
                // Of exactly that length, so that the address sanitizer sees a byte read too many.
                const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));

                const Decoded<T> decoded = decode<T>(part);

                EXPECT_EQ(decoded.has_value(), is_another_form<T>(length, text_length))
                    << to_string(T::type) << " of " << length << " bytes";
            }
        });
    }
}

TEST(Codec, IgnoresBytesBeyondTheEnd) {
    TextsOfLength texts{5};
    for_each_message([&]<typename T>() {
        T message;
        T::layout(message, texts);
        Bytes bytes = encoded(message);
        bytes.insert(bytes.end(), 11, std::byte{0xFF});

        EXPECT_EQ(fields_of(decode<T>(bytes)), fields_of(message)) << to_string(T::type);
    });
}

/// Finds the length of each text of a message, so that a test can spoil it.
class TextLengthFinder {
public:
    template <typename T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
    void operator()(const std::string_view field, const T& value) { counter_(field, value); }
    void operator()(const std::string_view field, const std::string_view text) {
        offsets_.emplace_back(field, counter_.length());
        counter_(field, text);
    }
    void operator()(const std::string_view field, const std::span<const std::byte> bytes) {
        offsets_.emplace_back(field, counter_.length());
        counter_(field, bytes);
    }
    void operator()(const std::string_view field, const std::array<std::byte, 16>& bytes) { counter_(field, bytes); }
    void optional_last(const std::string_view field, const auto& value) { counter_(field, value); }
    void align(const std::size_t alignment) { counter_.align(alignment); }
    void pad_to(const std::size_t length) { counter_.pad_to(length); }

    [[nodiscard]] const auto& offsets() const { return offsets_; }

private:
    detail::LengthCounter counter_;
    std::vector<std::pair<std::string_view, std::size_t>> offsets_;
};

TEST(Codec, RefusesNegativeAndOverlongLengthsOfEachText) {
    TextsOfLength texts{5};
    int spoiled = 0;
    for_each_message([&]<typename T>() {
        T message;
        T::layout(message, texts);
        TextLengthFinder finder;
        T::layout(std::as_const(message), finder);
        for (const auto& [field, offset] : finder.offsets()) {
            const std::string_view name = field;
            const auto refusal_of = [&, at = offset](const std::int32_t length) {
                Bytes bytes = encoded(message);
                std::memcpy(bytes.data() + at, &length, sizeof(length));
                const Decoded<T> decoded = decode<T>(bytes);
                EXPECT_FALSE(decoded) << to_string(T::type) << ' ' << name << ' ' << length;
                return decoded ? DecodeError{} : decoded.error();
            };

            const DecodeError negative = refusal_of(-1);
            EXPECT_EQ(negative.reason, Reason::negative_length);
            EXPECT_EQ(negative.field, name);
            EXPECT_EQ(negative.value, -1);
            EXPECT_EQ(refusal_of(std::numeric_limits<std::int32_t>::min()).reason, Reason::negative_length);

            const DecodeError overlong = refusal_of(std::numeric_limits<std::int32_t>::max());
            EXPECT_EQ(overlong.reason, Reason::text_beyond_end);
            EXPECT_EQ(overlong.field, name);
            ++spoiled;
        }
    });
    EXPECT_EQ(spoiled, 20);
}

TEST(Codec, RefusesATextThatIsOneByteTooLong) {
    Bytes bytes = encoded(AddPublicationCommand{.channel = "aeron:ipc"});
    bytes[20] = std::byte{10};

    const auto decoded = decode<AddPublicationCommand>(bytes);

    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error(),
              (DecodeError{.reason = Reason::text_beyond_end, .field = "channel", .value = 34, .length = 33}));
}

TEST(Codec, RefusesALabelThatThePaddingOfTheKeyPushesOut) {
    const Bytes key(5);
    Bytes bytes = encoded(AddCounterCommand{.key = key, .label = ""});
    bytes.resize(30);  // inside the padding of the key

    const auto decoded = decode<AddCounterCommand>(bytes);

    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error(), (DecodeError{.reason = Reason::too_short, .field = "label", .value = 36, .length = 30}));
}

TEST(Codec, SurvivesRandomBytes) {
    const auto seed = SystemRandomSource{}.next_u64();
    SCOPED_TRACE(fmt::format("seed {}", seed));
    SeededRandomSource random{seed};
    for (int round = 0; round < 20'000; ++round) {
        Bytes bytes(random.next_u64() % 96);
        for (std::byte& b : bytes) {
            // Many small numbers, so that lengths are believable now and then.
            b = random.next_u64() % 4 == 0 ? static_cast<std::byte>(random.next_u64()) : std::byte{0};
        }

        for_each_message([&]<typename T>() {
            const Decoded<T> decoded = decode<T>(bytes);

            if (decoded) {
                ASSERT_EQ(fields_of(decode<T>(encoded(*decoded))), fields_of(*decoded)) << to_string(T::type);
            }
        });
    }
}

TEST(DecodeCommand, NamesAnUnknownType) {
    const Bytes bytes(16);
    const auto decoded = decode_command(119, bytes);

    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error(), (DecodeError{.reason = Reason::unknown_type, .value = 119, .length = 16}));
    EXPECT_EQ(describe_command_error(119, decoded.error()), "unknown command type id 119 on a message of 16 bytes");
    EXPECT_FALSE(decode_command(type_id<ErrorEvent>, bytes));
    EXPECT_FALSE(decode_command(0, bytes));
    EXPECT_FALSE(decode_command(-1, bytes));
}

TEST(DecodeEvent, NamesAnUnknownType) {
    const Bytes bytes(16);
    const auto decoded = decode_event(0x0F0E, bytes);

    ASSERT_FALSE(decoded);
    EXPECT_EQ(describe_event_error(0x0F0E, decoded.error()), "unknown event type id 3854 on a message of 16 bytes");
    EXPECT_FALSE(decode_event(type_id<ClientKeepaliveCommand>, bytes));
}

TEST(DecodeError, IsDescribedForTheOneWhoReadsTheLog) {
    EXPECT_EQ(describe_command_error(
                  0x01, {.reason = Reason::text_beyond_end, .field = "channel", .value = 33, .length = 30}),
              "malformed ADD_PUBLICATION of 30 bytes: its channel would end at byte 33");
    EXPECT_EQ(describe_command_error(0x02, {.reason = Reason::too_short, .field = "flags", .value = 32, .length = 28}),
              "malformed REMOVE_PUBLICATION of 28 bytes: it must have 32 bytes to hold its flags");
    EXPECT_EQ(describe_event_error(0x0F01,
                                   {.reason = Reason::negative_length, .field = "message", .value = -7, .length = 16}),
              "malformed ON_ERROR of 16 bytes: the length of its message is -7");
}

TEST(PeekIds, FindsWhomToAnswerIfTheMessageIsLongEnough) {
    Bytes bytes = encoded(AddPublicationCommand{.client_id = 7, .correlation_id = 8});
    bytes.resize(16);

    ASSERT_TRUE(peek_ids(bytes).has_value());
    EXPECT_EQ(peek_ids(bytes)->client_id, 7);
    EXPECT_EQ(peek_ids(bytes)->correlation_id, 8);
    bytes.resize(15);
    EXPECT_FALSE(peek_ids(bytes).has_value());
}

TEST(MessageType, HasANameForEveryNumberOfTheCatalogueAndNoOther) {
    for (std::int32_t number = 0x01; number <= 0x12; ++number) {
        EXPECT_NE(to_string(CommandType{number}), "UNKNOWN") << number;
    }
    for (std::int32_t number = 0x0F01; number <= 0x0F0D; ++number) {
        EXPECT_NE(to_string(EventType{number}), "UNKNOWN") << number;
    }
    EXPECT_EQ(to_string(CommandType{0x13}), "UNKNOWN");
    EXPECT_EQ(to_string(EventType{0x0F0E}), "UNKNOWN");
}

}  // namespace
}  // namespace cpperon::command
