#include "cpperon/logbuffer/image_reader.hpp"

#include <memory>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/logbuffer/test_log.hpp"

namespace cpperon::logbuffer {
namespace {

constexpr auto ignore = [](std::span<const std::byte>, const Header&) {};

/// Frames of 160, 160, 160, padding of 128, and 64 bytes. spec: 03 §16.3, §21.5
class ImageReaderTest : public testing::Test {
protected:
    TestLog log;
    ImageReader reader{log.view(), log.subscriber_position, 0x11223344, this};

    void SetUp() override {
        log.put_frame(0, 0, 132);
        log.put_frame(0, 160, 160);
        log.put_frame(0, 320, 150);
        log.put_frame(0, 480, 128, FrameType::padding);
        log.put_frame(0, 608, 40);
    }
    std::int64_t position() const { return log.subscriber_position; }
};

// spec: 03-C61
TEST_F(ImageReaderTest, DeliversUpToTheLimitAndPublishesOnce) {
    std::vector<std::size_t> lengths;
    const auto handler = [&](const std::span<const std::byte> payload, const Header& header) {
        EXPECT_EQ(position(), 0) << "published at the end only";
        EXPECT_EQ(payload.data(), log.at(0, header.term_offset() + 32));
        EXPECT_EQ(header.context(), this);
        lengths.push_back(payload.size());
    };

    EXPECT_EQ(reader.poll(handler, 2), 2);

    EXPECT_EQ(lengths, (std::vector<std::size_t>{100, 128}));
    EXPECT_EQ(position(), 320);
    EXPECT_EQ(reader.poll(ignore, 10), 2);
    EXPECT_EQ(position(), 672);
    EXPECT_EQ(reader.poll(ignore, 10), 0);
    EXPECT_EQ(reader.poll(ignore, 0), 0);
    EXPECT_EQ(reader.poll(ignore, -1), 0);
    EXPECT_EQ(position(), 672);
}

// spec: 03-C62
TEST_F(ImageReaderTest, MovesOverPaddingWithoutEnteringTheNextTerm) {
    log.put_frame(0, 65'440, 96, FrameType::padding);
    log.put_frame(1, 0, 64);
    log.subscriber_position = 65'440;

    EXPECT_EQ(reader.poll(ignore, 10), 0);
    EXPECT_EQ(position(), 65'536);
    EXPECT_EQ(reader.poll(ignore, 10), 1);
    EXPECT_EQ(position(), 65'600);
}

// spec: 03-C63
TEST_F(ImageReaderTest, StoresNoPositionOnceClosed) {
    const auto closing = [&](std::span<const std::byte>, const Header&) { reader.close(); };
    EXPECT_EQ(reader.poll(closing, 10), 1) << "stops behind the handler that closed it";
    EXPECT_EQ(position(), 0);
    EXPECT_EQ(reader.poll(ignore, 10), 0);
    EXPECT_EQ(reader.bounded_poll(ignore, 1'000, 10), 0);
    const auto go_on = [](std::span<const std::byte>, const Header&) { return ControlledAction::continue_; };
    EXPECT_EQ(reader.controlled_poll(go_on, 10), 0);
    EXPECT_EQ(reader.bounded_controlled_poll(go_on, 1'000, 10), 0);
    EXPECT_EQ(reader.block_poll([](auto, int, int) {}, 1'000), 0);
    EXPECT_EQ(position(), 0);
}

TEST_F(ImageReaderTest, StoresNoPositionOnCommitOnceClosed) {
    const auto closing = [&](std::span<const std::byte>, const Header&) {
        reader.close();
        return ControlledAction::commit;
    };
    EXPECT_EQ(reader.controlled_poll(closing, 10), 1);
    EXPECT_EQ(position(), 0);
}

// spec: 03-C64
TEST_F(ImageReaderTest, DeliversAFrameThatStraddlesTheBound) {
    EXPECT_EQ(reader.bounded_poll(ignore, 161, 100), 2);
    EXPECT_EQ(position(), 320);
    EXPECT_EQ(reader.bounded_poll(ignore, 320, 100), 0);
    EXPECT_EQ(reader.bounded_poll(ignore, -1, 100), 0);
    EXPECT_EQ(position(), 320);
}

// spec: 03-C65
TEST_F(ImageReaderTest, TakesBoundsFarAway) {
    EXPECT_EQ(reader.bounded_poll(ignore, INT64_MAX, 1), 1);
    EXPECT_EQ(reader.bounded_poll(ignore, (std::int64_t{1} << 31) + 160, 1), 1);
    EXPECT_EQ(reader.bounded_poll(ignore, (std::int64_t{1} << 32) + 320, 100), 2);
    EXPECT_EQ(position(), 672);
}

// spec: 03-C64, 03-C66
TEST_F(ImageReaderTest, DoesAsTheHandlerSays) {
    static_assert(static_cast<int>(ControlledAction::abort) == 1 && static_cast<int>(ControlledAction::break_) == 2);
    static_assert(static_cast<int>(ControlledAction::commit) == 3 &&
                  static_cast<int>(ControlledAction::continue_) == 4);
    std::vector<ControlledAction> script{ControlledAction::continue_, ControlledAction::commit,
                                         ControlledAction::abort};
    std::vector<std::int64_t> positions;
    std::size_t calls = 0;
    const auto handler = [&](std::span<const std::byte>, const Header&) {
        positions.push_back(position());
        return script.at(calls++);
    };

    EXPECT_EQ(reader.controlled_poll(handler, 10), 2);
    EXPECT_EQ(positions, (std::vector<std::int64_t>{0, 0, 320}));
    EXPECT_EQ(position(), 320);

    script = {ControlledAction::break_};
    calls = 0;
    EXPECT_EQ(reader.controlled_poll(handler, 10), 1);
    EXPECT_EQ(position(), 480);

    script = {ControlledAction::abort};
    calls = 0;
    EXPECT_EQ(reader.controlled_poll(handler, 10), 0);
    EXPECT_EQ(position(), 608) << "the padding before it stays read";

    script = {ControlledAction::continue_};
    calls = 0;
    EXPECT_EQ(reader.bounded_controlled_poll(handler, 608, 10), 0);
    EXPECT_EQ(reader.bounded_controlled_poll(handler, 609, 10), 1);
    EXPECT_EQ(position(), 672);
}

// spec: 03-C64
TEST_F(ImageReaderTest, HandsOutBlocksOfWholeFrames) {
    std::vector<std::size_t> lengths;
    const auto handler = [&](const std::span<const std::byte> block, const std::int32_t session_id,
                             const std::int32_t term_id) {
        EXPECT_EQ(block.data(), log.at(0, static_cast<std::int32_t>(position())));
        EXPECT_EQ(session_id, 0x11223344);
        EXPECT_EQ(term_id, 7);
        lengths.push_back(block.size());
    };

    EXPECT_EQ(reader.block_poll(handler, 159), 0);
    EXPECT_EQ(reader.block_poll(handler, 0), 0);
    EXPECT_EQ(reader.block_poll(handler, -1), 0);
    EXPECT_EQ(position(), 0);
    EXPECT_EQ(reader.block_poll(handler, 100'000), 480);
    EXPECT_EQ(position(), 480);
    EXPECT_EQ(reader.block_poll(handler, 32), 128) << "padding, alone";
    EXPECT_EQ(position(), 608);
    EXPECT_EQ(reader.block_poll(handler, INT32_MAX), 64);
    EXPECT_EQ(position(), 672);
    EXPECT_EQ(lengths, (std::vector<std::size_t>{480, 128, 64}));
}

TEST_F(ImageReaderTest, IsBehindTheFragmentWhoseHandlerThrew) {
    int calls = 0;
    const auto throwing = [&](std::span<const std::byte>, const Header&) {
        if (++calls == 2) {
            throw std::runtime_error("no");
        }
    };
    EXPECT_THROW(reader.poll(throwing, 10), std::runtime_error);
    EXPECT_EQ(position(), 320);
    EXPECT_THROW(reader.block_poll([](auto, int, int) { throw std::runtime_error("no"); }, 160), std::runtime_error);
    EXPECT_EQ(position(), 480);
}

TEST_F(ImageReaderTest, IsBeforeTheFragmentWhoseControlledHandlerThrew) {
    int calls = 0;
    const auto throwing = [&](std::span<const std::byte>, const Header&) {
        if (++calls == 2) {
            throw std::runtime_error("no");
        }
        return ControlledAction::continue_;
    };
    EXPECT_THROW(reader.controlled_poll(throwing, 10), std::runtime_error);
    EXPECT_EQ(position(), 160);
}

TEST_F(ImageReaderTest, StopsAtLengthsThatLeadOutOfTheTerm) {
    for (const std::int32_t length : {1, 31, -1, INT32_MIN, INT32_MAX, 65'536 - 608 + 1}) {
        log.subscriber_position = 608;
        log.header(0, 608).frame_length = length;
        EXPECT_EQ(reader.poll(ignore, 10), 0) << length;
        EXPECT_EQ(reader.block_poll([](auto, int, int) {}, INT32_MAX), 0) << length;
        EXPECT_EQ(position(), 608);
    }
    log.header(0, 608).frame_length = 65'536 - 608;
    EXPECT_EQ(reader.poll(ignore, 10), 1);
    EXPECT_EQ(position(), 65'536);
}

// spec: 03-C68
TEST_F(ImageReaderTest, KeepsItsLastValuesAfterTheClose) {
    log.metadata().active_transport_count = 2;
    EXPECT_EQ(reader.active_transport_count(), 2);
    EXPECT_EQ(reader.poll(ignore, 1), 1);
    log.metadata().end_of_stream_position = 160;
    log.metadata().is_publication_revoked = 1;

    reader.close();
    log.subscriber_position = 77'777'792;
    log.metadata().end_of_stream_position = 5;
    log.metadata().is_publication_revoked = 0;

    EXPECT_EQ(reader.position(), 160);
    EXPECT_TRUE(reader.is_end_of_stream());
    EXPECT_EQ(reader.end_of_stream_position(), 160);
    EXPECT_EQ(reader.active_transport_count(), 0);
    EXPECT_TRUE(reader.is_publication_revoked());
    EXPECT_TRUE(reader.is_closed());
    reader.close();
    EXPECT_EQ(reader.position(), 160);
}

// spec: 03-C69
TEST_F(ImageReaderTest, IsAtTheEndOfTheStreamFromItsPositionOn) {
    EXPECT_FALSE(reader.is_end_of_stream());
    EXPECT_EQ(reader.end_of_stream_position(), INT64_MAX);
    log.metadata().end_of_stream_position = 672;
    EXPECT_FALSE(reader.is_end_of_stream());
    reader.poll(ignore, 10);
    EXPECT_TRUE(reader.is_end_of_stream());
}

TEST_F(ImageReaderTest, TellsWhereAFragmentIs) {
    log.header(0, 0).reserved_value = 5;
    HeaderValues values;
    const auto handler = [&](std::span<const std::byte>, const Header& header) {
        EXPECT_EQ(header.position(), 160);
        EXPECT_EQ(header.next_term_offset(), 160);
        values = header.values();
    };
    EXPECT_EQ(reader.poll(handler, 1), 1);
    const HeaderValues expected{132, 0, 0xC0, 1, 0, 0x11223344, 1001, 7, 5, 7, 16};
    EXPECT_EQ(values, expected);
}

}  // namespace
}  // namespace cpperon::logbuffer
