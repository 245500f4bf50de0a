#include "cpperon/logbuffer/fragment_assembler.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/logbuffer/concurrent_appender.hpp"
#include "cpperon/logbuffer/image_reader.hpp"
#include "cpperon/logbuffer/test_log.hpp"

namespace cpperon::logbuffer {
namespace {

class FragmentAssemblerTest : public testing::Test {
protected:
    TestLog log;
    ConcurrentAppender appender{log.view(), log.limit, log.params.session_id, log.params.stream_id};
    ImageReader reader{log.view(), log.subscriber_position, log.params.session_id};

    void offer(const std::size_t length) { ASSERT_TRUE(appender.offer(std::span<const std::byte>{pattern(length)})); }
};

/// One fragment as a poll would present it.
struct Fragment {
    DataHeader header;
    std::string payload;
};

Fragment fragment(const std::uint8_t flags, const std::int32_t term_offset, const std::string& payload,
                  const std::int32_t session_id = 1) {
    return {{.frame_length = 32 + static_cast<std::int32_t>(payload.size()),
             .flags = flags,
             .type = data_type,
             .term_offset = term_offset,
             .session_id = session_id,
             .term_id = 7},
            payload};
}

template <typename Assembler>
auto give(Assembler& assembler, const Fragment& given) {
    const Header header = HeaderAccess::make(&given.header, 7, 16, nullptr);
    return assembler(bytes_of(given.payload), header);
}

// spec: 03-C70
TEST_F(FragmentAssemblerTest, PutsTogetherTheMessageOfTheVector) {
    log.stand_at(7, 62'976);
    log.subscriber_position = 62'976;
    EXPECT_EQ(appender.offer(std::span<const std::byte>{pattern(4'000)}).raw(), -3);
    offer(4'000);
    log.header(1, 0).reserved_value = 99;
    int messages = 0;
    FragmentAssembler assembler{[&](const std::span<const std::byte> message, const Header& header) {
        ++messages;
        EXPECT_EQ(text_of(message), text_of(pattern(4'000)));
        EXPECT_EQ(header.frame_length(), 4'032);
        EXPECT_EQ(header.flags(), 0xC0);
        EXPECT_EQ(header.term_offset(), 0);
        EXPECT_EQ(header.term_id(), 8);
        EXPECT_EQ(header.reserved_value(), 99);
        EXPECT_EQ(header.next_term_offset(), 4'096);
        EXPECT_EQ(header.position(), 69'632);
        EXPECT_EQ(header.values().frame_length, 4'032);
    }};

    EXPECT_EQ(reader.poll(assembler, 2), 0);
    EXPECT_EQ(log.subscriber_position, 65'536);
    EXPECT_EQ(reader.poll(assembler, 2), 2);
    EXPECT_EQ(log.subscriber_position, 68'352);
    EXPECT_EQ(messages, 0);
    EXPECT_EQ(reader.poll(assembler, 2), 1);
    EXPECT_EQ(log.subscriber_position, 69'632);
    EXPECT_EQ(messages, 1);
}

// A constructor's parameter named as the member function `handler` was refused by gcc with -Wshadow, but only for
// handlers that are pointers to functions.
TEST(FragmentAssembler, TakesPlainFunctionsAsHandlers) {
    static std::string messages;
    messages.clear();
    constexpr auto append = [](const std::span<const std::byte> message, const Header&) {
        messages += text_of(message);
    };
    constexpr auto append_controlled = [](const std::span<const std::byte> message, const Header&) {
        messages += text_of(message);
        return ControlledAction::continue_;
    };
    FragmentAssembler assembler{+append};
    ImageFragmentAssembler image_assembler{+append};
    ControlledFragmentAssembler controlled_assembler{+append_controlled};
    ControlledImageFragmentAssembler controlled_image_assembler{+append_controlled};

    give(assembler, fragment(0xC0, 0, "a"));
    give(image_assembler, fragment(0xC0, 0, "b"));
    give(controlled_assembler, fragment(0xC0, 0, "c"));
    give(controlled_image_assembler, fragment(0xC0, 0, "d"));

    EXPECT_EQ(messages, "abcd");
}

// spec: 03-C71, 07-C47
TEST_F(FragmentAssemblerTest, DropsMessagesOfWhichAFragmentIsMissing) {
    std::vector<std::string> messages;
    FragmentAssembler assembler{
        [&](const std::span<const std::byte> message, const Header&) { messages.push_back(text_of(message)); }};
    give(assembler, fragment(0x00, 64, "no begin"));
    give(assembler, fragment(0x40, 128, "no begin"));
    give(assembler, fragment(0x80, 0, "begin"));
    give(assembler, fragment(0x00, 128, "not the next"));
    give(assembler, fragment(0x40, 192, "lost"));
    EXPECT_TRUE(messages.empty());

    give(assembler, fragment(0x80, 0, "be"));
    give(assembler, fragment(0x80, 256, "one "));
    give(assembler, fragment(0x00, 320, "two "));
    give(assembler, fragment(0x40, 384, "three"));
    EXPECT_EQ(messages, std::vector<std::string>{"one two three"});
    give(assembler, fragment(0x40, 448, "after the end"));
    EXPECT_EQ(messages.size(), 1U);
}

// spec: 03-C72
TEST_F(FragmentAssemblerTest, DeliversAnAbortedMessageAgain) {
    offer(3'000);
    std::vector<HeaderValues> headers;
    std::vector<std::int64_t> positions;
    ControlledFragmentAssembler assembler{[&](const std::span<const std::byte> message, const Header& header) {
        EXPECT_EQ(text_of(message), text_of(pattern(3'000)));
        headers.push_back(header.values());
        positions.push_back(header.position());
        return headers.size() == 1 ? ControlledAction::abort : ControlledAction::continue_;
    }};

    EXPECT_EQ(reader.controlled_poll(assembler, 10), 2);
    EXPECT_EQ(log.subscriber_position, 2'816);
    EXPECT_EQ(reader.controlled_poll(assembler, 10), 1);
    EXPECT_EQ(log.subscriber_position, 3'104);
    ASSERT_EQ(headers.size(), 2U);
    EXPECT_EQ(headers[0], headers[1]);
    EXPECT_EQ(positions, (std::vector<std::int64_t>{3'104, 3'104}));
}

// spec: 03-C73
TEST_F(FragmentAssemblerTest, KeepsSessionsApart) {
    std::map<std::int32_t, std::string> messages;
    FragmentAssembler assembler{[&](const std::span<const std::byte> message, const Header& header) {
        messages[header.session_id()] = text_of(message);
    }};
    give(assembler, fragment(0x80, 0, "a1 ", 1));
    give(assembler, fragment(0x80, 0, "b1 ", 2));
    give(assembler, fragment(0x80, 0, "c1 ", 3));
    give(assembler, fragment(0x00, 64, "b2 ", 2));
    EXPECT_TRUE(assembler.erase(3));
    EXPECT_FALSE(assembler.erase(3));
    give(assembler, fragment(0x40, 64, "a2", 1));
    give(assembler, fragment(0x40, 64, "c2", 3));
    give(assembler, fragment(0x40, 128, "b3", 2));
    EXPECT_EQ(messages, (std::map<std::int32_t, std::string>{{1, "a1 a2"}, {2, "b1 b2 b3"}}));
    give(assembler, fragment(0x80, 0, "a1 ", 1));
    assembler.clear();
    give(assembler, fragment(0x40, 64, "a2", 1));
    EXPECT_EQ(messages.at(1), "a1 a2");
}

// spec: 03-C74
TEST_F(FragmentAssemblerTest, PassesOnWholeMessagesInPlace) {
    offer(10);
    log.header(0, 0).flags = 0xE0;  // what a peer may add does not matter
    const std::byte* seen = nullptr;
    FragmentAssembler assembler{
        [&](const std::span<const std::byte> message, const Header&) { seen = message.data(); }};
    EXPECT_EQ(reader.poll(assembler, 10), 1);
    EXPECT_EQ(seen, log.at(0, 32));
}

// spec: 03-C75
TEST(BufferBuilder, GrowsByHalf) {
    EXPECT_EQ(grown_capacity(0, 1'376), 4'096U);
    EXPECT_EQ(grown_capacity(4'096, 4'128), 6'144U);
    EXPECT_EQ(grown_capacity(6'144, 8'192), 9'216U);
    EXPECT_EQ(grown_capacity(0, 16 * 1024 * 1024), 20'430'346U);
    EXPECT_EQ(grown_capacity(2'000'000'000, 2'147'483'639), 2'147'483'639U);
    EXPECT_THROW(static_cast<void>(grown_capacity(0, 2'147'483'640)), InvalidArgumentError);

    const Fragment first = fragment(0x80, 0, std::string(4'128, 'a'));
    const Header header = HeaderAccess::make(&first.header, 7, 16, nullptr);
    BufferBuilder builder;
    builder.begin(bytes_of(std::string(1'376, 'a')), header);
    EXPECT_EQ(builder.capacity(), 4'096U);
    builder.append(bytes_of(std::string(2'752, 'a')));
    EXPECT_EQ(builder.capacity(), 6'144U);
    builder.append(bytes_of(std::string(4'064, 'a')));
    EXPECT_EQ(builder.capacity(), 9'216U);
    EXPECT_EQ(text_of(builder.message()), std::string(8'192, 'a'));
    builder.reset();
    EXPECT_EQ(builder.capacity(), 9'216U);
    EXPECT_EQ(BufferBuilder{100}.capacity(), 100U);
}

// spec: 03-C76
TEST_F(FragmentAssemblerTest, TakesABeginningOfNoBytes) {
    std::optional<std::string> seen;
    ImageFragmentAssembler assembler{[&](const std::span<const std::byte> message, const Header& header) {
        seen = text_of(message);
        EXPECT_EQ(header.position(), 96);
    }};
    give(assembler, fragment(0x80, 0, ""));
    give(assembler, fragment(0x40, 32, "end"));
    EXPECT_EQ(seen, "end");
}

TEST_F(FragmentAssemblerTest, OfOneImageWorksAlike) {
    offer(3'000);
    int messages = 0;
    int calls = 0;
    ControlledImageFragmentAssembler assembler{[&](const std::span<const std::byte> message, const Header& header) {
        messages += message.size() == 3'000 && header.position() == 3'104 ? 1 : 0;
        return ++calls == 1 ? ControlledAction::abort : ControlledAction::commit;
    }};
    EXPECT_EQ(reader.controlled_poll(assembler, 10), 2);
    EXPECT_EQ(reader.controlled_poll(assembler, 10), 1);
    EXPECT_EQ(messages, 2);

    give(assembler, fragment(0x80, 0, "begin"));
    assembler.reset();
    EXPECT_EQ(give(assembler, fragment(0x40, 64, "end")), ControlledAction::continue_);
    EXPECT_EQ(calls, 2);
}

TEST_F(FragmentAssemblerTest, GoesOnAfterAHandlerThatThrew) {
    std::vector<std::string> messages;
    FragmentAssembler assembler{[&](const std::span<const std::byte> message, const Header&) {
        messages.push_back(text_of(message));
        if (messages.size() == 1) {
            throw std::runtime_error("no");
        }
    }};
    give(assembler, fragment(0x80, 0, "a"));
    EXPECT_THROW(give(assembler, fragment(0x40, 64, "b")), std::runtime_error);
    give(assembler, fragment(0x40, 64, "b"));
    give(assembler, fragment(0x80, 128, "c"));
    give(assembler, fragment(0x40, 192, "d"));
    EXPECT_EQ(messages, (std::vector<std::string>{"ab", "cd"}));
}

TEST_F(FragmentAssemblerTest, SurvivesFieldsThatNoPublisherWrites) {
    FragmentAssembler assembler{
        [](std::span<const std::byte>, const Header& header) { static_cast<void>(header.position()); }};
    for (const std::int32_t offset : {INT32_MIN, INT32_MAX, -1, -32, INT32_MAX - 63}) {
        Fragment odd = fragment(0x80, offset, "odd");
        for (const std::int32_t length : {35, INT32_MAX, 32}) {
            odd.header.frame_length = length;
            odd.header.flags = 0x80;
            give(assembler, odd);
            odd.header.flags = 0x40;
            give(assembler, odd);
            Fragment next = odd;
            next.header.term_offset = static_cast<std::int32_t>((std::int64_t{offset} + length + 31) & ~31);
            give(assembler, next);
        }
    }
}

}  // namespace
}  // namespace cpperon::logbuffer
