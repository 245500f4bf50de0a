#include "cpperon/client/image.hpp"

#include <limits>
#include <stdexcept>
#include <unordered_set>

#include <gtest/gtest.h>

#include "cpperon/client/stream_fixture.hpp"
#include "cpperon/logbuffer/fragment_assembler.hpp"

namespace cpperon {
namespace {

using client::Stream;
using client::text_of;

constexpr auto ignore = [](std::span<const std::byte>, const Header&) {};

/// Frames of 160, 160, 160, padding 128, and 64 bytes, as in spec 03 §21.5.
class ImageTest : public testing::Test {
protected:
    ImageTest() {
        const ExclusivePublication publication = stream_.exclusive_publication();
        const std::vector<std::byte> message(128);
        EXPECT_TRUE(publication.offer(message));
        EXPECT_TRUE(publication.offer(message));
        EXPECT_TRUE(publication.offer(message));
        EXPECT_TRUE(publication.append_padding(96));
        EXPECT_TRUE(publication.offer(std::span{message}.first(32)));
    }

    [[nodiscard]] std::int64_t counter() const { return load_acquire(stream_.counters->subscriber_position); }

    Stream stream_;
    Image image_ = stream_.image();
};

// spec: 03-C61
TEST_F(ImageTest, APollDeliversUpToTheLimitAndPublishesOnceAtItsEnd) {
    const int fragments = image_.poll([&](std::span<const std::byte>, const Header&) { EXPECT_EQ(counter(), 0); }, 2);

    EXPECT_EQ(fragments, 2);
    EXPECT_EQ(counter(), 320);
    EXPECT_EQ(image_.position(), 320);
    EXPECT_EQ(image_.poll(ignore, 10), 2);
    EXPECT_EQ(counter(), 672);
    EXPECT_EQ(image_.poll(ignore, 10), 0);
    EXPECT_EQ(image_.poll(ignore, 0), 0);
    EXPECT_EQ(image_.poll(ignore, -1), 0);
}

// spec: 03-C62, 07-C45
TEST(Image, APollThatOnlyMeetsPaddingReturnsNothingAndMovesToTheEndOfTheTerm) {
    const Stream stream{{.start = logbuffer::StartPosition{.term_id = 7, .term_offset = 65'472}}};
    const Image image = stream.image();
    const Publication publication = stream.publication();
    const std::vector<std::byte> message(64);
    EXPECT_EQ(publication.offer(message).status(), OfferStatus::admin_action);
    EXPECT_TRUE(publication.offer(message));

    EXPECT_EQ(image.poll(ignore, 10), 0);
    EXPECT_EQ(image.position(), 65'536);
    EXPECT_EQ(image.poll(ignore, 10), 1);
}

// spec: 03-C63
TEST_F(ImageTest, AClosedImageDeliversNothingAndLeavesTheCounterAlone) {
    const auto state = stream_.image_state();
    const Image image{state};
    EXPECT_EQ(image.poll(ignore, 1), 1);

    const int fragments = image.poll([&](std::span<const std::byte>, const Header&) { state->close(); }, 10);
    stream_.counters->subscriber_position = 5'000;  // somebody else's by now

    EXPECT_EQ(fragments, 1);
    EXPECT_EQ(image.poll(ignore, 10), 0);
    EXPECT_EQ(image.controlled_poll([](auto, const auto&) { return ControlledAction::commit; }, 10), 0);
    EXPECT_EQ(image.bounded_poll(ignore, 10'000, 10), 0);
    EXPECT_EQ(image.block_poll([](auto, auto, auto) {}, 10'000), 0);
    EXPECT_EQ(counter(), 5'000);
}

// spec: 03-C64, 07-C43, 07-C44
TEST_F(ImageTest, BoundedAndBlockPollsAreThoseOfTheSpecification) {
    std::vector<std::size_t> blocks;
    const auto take = [&](const std::span<const std::byte> block, const std::int32_t session_id,
                          const std::int32_t term_id) {
        EXPECT_EQ(session_id, Stream::session_id);
        EXPECT_EQ(term_id, 7);
        blocks.push_back(block.size());
    };

    EXPECT_EQ(image_.bounded_poll(ignore, 0, 10), 0);
    EXPECT_EQ(image_.block_poll(take, 159), 0);
    EXPECT_EQ(image_.bounded_poll(ignore, 160, 10), 1);
    EXPECT_EQ(image_.bounded_poll(ignore, 161, 10), 1);
    EXPECT_EQ(image_.position(), 320);
    EXPECT_EQ(image_.bounded_poll(ignore, 320, 10), 0);
    EXPECT_EQ(image_.bounded_poll(ignore, 100, 10), 0);
    EXPECT_EQ(image_.position(), 320);
    EXPECT_EQ(image_.block_poll(take, 100'000), 160);
    EXPECT_EQ(image_.block_poll(take, 32), 128);
    EXPECT_EQ(image_.block_poll(take, 100'000), 64);
    EXPECT_EQ(image_.position(), 672);
    EXPECT_EQ(blocks, (std::vector<std::size_t>{160, 128, 64}));
}

// spec: 07-C44
TEST(Image, ABlockEndsWithItsTerm) {
    const Stream stream{{.start = logbuffer::StartPosition{.term_id = 7, .term_offset = 65'408}}};
    const Publication publication = stream.publication();
    EXPECT_TRUE(publication.offer("one"));
    EXPECT_TRUE(publication.offer("two"));  // up to the very end of the term
    EXPECT_EQ(publication.offer("three").status(), OfferStatus::admin_action);
    EXPECT_TRUE(publication.offer("three"));
    const Image image = stream.image();
    std::vector<std::pair<std::size_t, std::int32_t>> blocks;
    const auto take = [&](const std::span<const std::byte> block, std::int32_t /*session_id*/,
                          const std::int32_t term_id) { blocks.emplace_back(block.size(), term_id); };

    EXPECT_EQ(image.block_poll(take, 100'000), 128);
    EXPECT_EQ(image.position(), 65'536);
    EXPECT_EQ(image.block_poll(take, 100'000), 64);

    EXPECT_EQ(blocks, (std::vector<std::pair<std::size_t, std::int32_t>>{{128, 7}, {64, 8}}));
}

// spec: 03-C65
TEST_F(ImageTest, BoundsFarBeyondThePositionDoNotOverflow) {
    EXPECT_EQ(image_.bounded_poll(ignore, std::numeric_limits<std::int64_t>::max(), 1), 1);
    EXPECT_EQ(image_.bounded_controlled_poll([](auto, const auto&) { return ControlledAction::continue_; },
                                             std::int64_t{1} << 33, 10),
              3);
}

// spec: 03-C66, 07-C42
TEST_F(ImageTest, ActionsSayHowAControlledPollGoesOn) {
    std::vector<std::int64_t> ends;
    std::vector<ControlledAction> actions{ControlledAction::continue_, ControlledAction::commit,
                                          ControlledAction::abort};
    const auto act = [&](std::span<const std::byte>, const Header& header) {
        ends.push_back(header.position());
        // Published before the call that follows a commit, and not before.
        EXPECT_EQ(counter(), ends.size() < 3 ? 0 : 320);
        return actions[ends.size() - 1];
    };

    EXPECT_EQ(image_.controlled_poll(act, 10), 2);
    EXPECT_EQ(ends, (std::vector<std::int64_t>{160, 320, 480}));
    EXPECT_EQ(counter(), 320);

    EXPECT_EQ(image_.controlled_poll(
                  [](auto, const Header& header) {
                      EXPECT_EQ(header.position(), 480);  // what was given back
                      return ControlledAction::break_;
                  },
                  10),
              1);
    EXPECT_EQ(counter(), 480);

    EXPECT_EQ(image_.controlled_poll([](auto, const auto&) { return ControlledAction::abort; }, 10), 0);
    EXPECT_EQ(counter(), 608);  // over the padding, up to the fragment that was given back
    EXPECT_EQ(static_cast<int>(ControlledAction::abort), 1);
    EXPECT_EQ(static_cast<int>(ControlledAction::break_), 2);
    EXPECT_EQ(static_cast<int>(ControlledAction::commit), 3);
    EXPECT_EQ(static_cast<int>(ControlledAction::continue_), 4);
}

// spec: 07-C49
TEST_F(ImageTest, AnExceptionOfTheHandlerReachesTheCallerWithThePositionStored) {
    const auto fail_at = [](const std::int64_t position) {
        return [position](std::span<const std::byte>, const Header& header) {
            if (header.position() == position) {
                throw std::runtime_error("cannot take it");
            }
        };
    };

    EXPECT_THROW(image_.poll(fail_at(320), 10), std::runtime_error);
    EXPECT_EQ(counter(), 320);  // behind the fragment that failed

    EXPECT_THROW(image_.controlled_poll(
                     [&](const std::span<const std::byte> fragment, const Header& header) {
                         fail_at(480)(fragment, header);
                         return ControlledAction::continue_;
                     },
                     10),
                 std::runtime_error);
    EXPECT_EQ(counter(), 320);  // at the fragment that failed
    EXPECT_EQ(image_.poll(ignore, 10), 2);
}

// spec: 03-C68, 07-C50
TEST_F(ImageTest, AfterCloseQueriesKeepTheirLastValues) {
    const auto state = stream_.image_state();
    const Image image{state};
    auto& metadata = stream_.log->metadata();
    EXPECT_EQ(image.poll(ignore, 2), 2);
    EXPECT_EQ(image.end_of_stream_position(), std::numeric_limits<std::int64_t>::max());
    EXPECT_FALSE(image.is_end_of_stream());
    store_release(metadata.active_transport_count, 3);
    EXPECT_EQ(image.active_transport_count(), 3);
    store_release(metadata.end_of_stream_position, 320);

    EXPECT_TRUE(state->close());
    EXPECT_FALSE(state->close());
    store_release(metadata.end_of_stream_position, 640);
    stream_.counters->subscriber_position = 0;

    EXPECT_TRUE(image.is_closed());
    EXPECT_EQ(image.position(), 320);
    EXPECT_EQ(image.end_of_stream_position(), 320);
    EXPECT_TRUE(image.is_end_of_stream());
    EXPECT_FALSE(image.is_publication_revoked());
    EXPECT_EQ(image.active_transport_count(), 0);
    EXPECT_EQ(image.session_id(), SessionId{Stream::session_id});
}

// spec: 03-C69
TEST_F(ImageTest, TheStreamEndsOnceEverythingWasRead) {
    store_release(stream_.log->metadata().end_of_stream_position, 672);

    EXPECT_EQ(image_.poll(ignore, 3), 3);
    EXPECT_FALSE(image_.is_end_of_stream());
    EXPECT_EQ(image_.poll(ignore, 3), 1);
    EXPECT_TRUE(image_.is_end_of_stream());
}

TEST_F(ImageTest, ConstantsFollowFromTheLogAndTheDriversWord) {
    const ImageConstants constants = image_.constants();

    EXPECT_EQ(constants.correlation_id, RegistrationId{10});
    EXPECT_EQ(constants.session_id, SessionId{Stream::session_id});
    EXPECT_EQ(constants.join_position, 0);
    EXPECT_EQ(constants.initial_term_id, 7);
    EXPECT_EQ(constants.mtu_length, 1'408);
    EXPECT_EQ(constants.term_buffer_length, 65'536);
    EXPECT_EQ(constants.position_bits_to_shift, 16);
    EXPECT_EQ(constants.subscriber_position_id, CounterId{22});
    EXPECT_EQ(image_.source_identity(), "aeron:ipc");
}

TEST_F(ImageTest, TheHeaderLeadsBackToTheImage) {
    Image found;

    image_.poll([&](std::span<const std::byte>, const Header& header) { found = Image::of(header); }, 1);

    EXPECT_EQ(found, image_);
}

// spec: 07-C46
TEST(Image, AnAssemblerMakesOneMessageOfItsFragments) {
    const Stream stream;
    std::vector<std::byte> message(3'000);
    for (std::size_t i = 0; i < message.size(); ++i) {
        message[i] = static_cast<std::byte>(i % 251);
    }
    EXPECT_EQ(stream.publication().offer(message).position(), 3'104);
    const Image image = stream.image();
    int deliveries = 0;
    ControlledImageFragmentAssembler assembler{[&](const std::span<const std::byte> bytes, const Header& header) {
        EXPECT_EQ(std::vector<std::byte>(bytes.begin(), bytes.end()), message);
        EXPECT_EQ(header.flags(), 0xC0);
        EXPECT_EQ(header.position(), 3'104);
        EXPECT_EQ(header.term_offset(), 0);
        EXPECT_EQ(Image::of(header), image);
        return ++deliveries == 1 ? ControlledAction::abort : ControlledAction::continue_;
    }};

    EXPECT_EQ(image.controlled_poll(assembler, 10), 2);
    EXPECT_EQ(image.controlled_poll(assembler, 10), 1);
    EXPECT_EQ(deliveries, 2);
    EXPECT_EQ(image.position(), 3'104);
}

TEST_F(ImageTest, AHandlerThatPollsItsOwnImageGetsNothing) {
    int inner = -1;
    EXPECT_DEBUG_DEATH(
        image_.poll([&](std::span<const std::byte>, const Header&) { inner = image_.poll(ignore, 1); }, 1),
        "must not poll");
#ifdef NDEBUG
    EXPECT_EQ(inner, 0);
#endif
    static_cast<void>(inner);
}

TEST_F(ImageTest, RejectingAsksTheDriver) {
    EXPECT_EQ(image_.poll(ignore, 1), 1);

    image_.reject("too old");
    image_.async_reject("really").wait();

    EXPECT_EQ(stream_.link->rejections, (std::vector<std::string>{"10@160 too old", "10@160 really"}));
}

TEST_F(ImageTest, AClosedImageCannotBeRejected) {
    const auto state = stream_.image_state();
    state->close();

    EXPECT_THROW(Image{state}.reject("late"), ClosedError);
    EXPECT_THROW(Image{}.reject("nothing"), ClosedError);
    EXPECT_TRUE(Image{}.async_reject("nothing").is_done());
    EXPECT_TRUE(stream_.link->rejections.empty());
}

// spec: 07-C50
TEST(Image, AHandleKeepsTheLogMappedAndNothingElseDoes) {
    std::weak_ptr<const logbuffer::LogFile> log;
    Image image;
    {
        const Stream stream;
        EXPECT_TRUE(stream.publication().offer("kept"));
        log = stream.log;
        image = stream.image();
    }

    EXPECT_FALSE(log.expired());
    EXPECT_EQ(
        image.poll([](const std::span<const std::byte> bytes, const Header&) { EXPECT_EQ(text_of(bytes), "kept"); }, 1),
        1);
    image = {};
    EXPECT_TRUE(log.expired());
}

TEST(Image, ADefaultConstructedOneIsClosed) {
    const Image image;

    EXPECT_TRUE(image.is_closed());
    EXPECT_EQ(image.poll(ignore, 1), 0);
    EXPECT_EQ(image.position(), 0);
    EXPECT_FALSE(image.is_end_of_stream());
    EXPECT_FALSE(image.is_publication_revoked());
    EXPECT_EQ(image.end_of_stream_position(), 0);
    EXPECT_EQ(image.active_transport_count(), 0);
    EXPECT_EQ(image.source_identity(), "");
    EXPECT_TRUE(image.subscription().is_closed());
}

TEST_F(ImageTest, CopiesAreEqualAndHashAlike) {
    const Image other = stream_.image();

    EXPECT_EQ(image_, Image{image_});
    EXPECT_NE(image_, other);
    EXPECT_EQ((std::unordered_set<Image>{image_, image_, other}.size()), 2U);
}

}  // namespace
}  // namespace cpperon
