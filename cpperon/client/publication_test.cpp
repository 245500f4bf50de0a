#include "cpperon/client/publication.hpp"

#include <array>
#include <barrier>
#include <cstring>
#include <map>
#include <stdexcept>
#include <thread>
#include <unordered_set>

#include <gtest/gtest.h>

#include "cpperon/client/exclusive_publication.hpp"
#include "cpperon/client/stream_fixture.hpp"
#include "cpperon/logbuffer/layout.hpp"

namespace cpperon {
namespace {

using client::Stream;
using client::text_of;
using Closes = std::vector<client::RecordingLink::Close>;

template <typename Handle>
Handle make(const Stream& stream);
template <>
Publication make<Publication>(const Stream& stream) {
    return stream.publication();
}
template <>
ExclusivePublication make<ExclusivePublication>(const Stream& stream) {
    return stream.exclusive_publication();
}

/// Everything that is delivered, as text, one fragment after the other.
std::vector<std::string> read_all(const Image& image) {
    std::vector<std::string> fragments;
    while (image.poll([&](const std::span<const std::byte> fragment,
                          const Header& /*header*/) { fragments.push_back(text_of(fragment)); },
                      100) > 0) {
    }
    return fragments;
}

/// What both kinds of publication must do alike.
template <typename Handle>
class PublicationsTest : public testing::Test {};
using Handles = testing::Types<Publication, ExclusivePublication>;
TYPED_TEST_SUITE(PublicationsTest, Handles);

// spec: 03-C13
TYPED_TEST(PublicationsTest, OfferedBytesAreThoseOfTheSpecification) {
    const Stream stream;
    const auto publication = make<TypeParam>(stream);

    const OfferResult result = publication.offer(
        "Hello", [](std::span<const std::byte>) noexcept { return std::int64_t{0x0102030405060708}; });

    EXPECT_EQ(result.position(), 64);
    constexpr std::array<unsigned char, 64> expected{0x25, 0x00, 0x00, 0x00, 0x00, 0xc0, 0x01, 0x00, 0x00, 0x00,
                                                     0x00, 0x00, 0x44, 0x33, 0x22, 0x11, 0xe9, 0x03, 0x00, 0x00,
                                                     0x07, 0x00, 0x00, 0x00, 0x08, 0x07, 0x06, 0x05, 0x04, 0x03,
                                                     0x02, 0x01, 0x48, 0x65, 0x6c, 0x6c, 0x6f};
    EXPECT_EQ(std::memcmp(stream.term(0).data(), expected.data(), expected.size()), 0);
}

TYPED_TEST(PublicationsTest, TextBytesAndPartsAreTheSameMessage) {
    const Stream stream;
    const auto publication = make<TypeParam>(stream);
    const std::string text = "hello";
    const auto bytes = std::as_bytes(std::span{text});
    const std::vector<MessagePart> parts{bytes.first(2), {}, bytes.subspan(2)};
    const auto supplier = [](std::span<const std::byte>) noexcept { return std::int64_t{1}; };

    EXPECT_TRUE(publication.offer("hello"));
    EXPECT_TRUE(publication.offer(text));
    EXPECT_TRUE(publication.offer(bytes));
    EXPECT_TRUE(publication.offer(parts));
    EXPECT_TRUE(publication.offer({bytes.first(1), bytes.subspan(1)}));
    EXPECT_TRUE(publication.offer("hello", supplier));
    EXPECT_TRUE(publication.offer(bytes, supplier));
    EXPECT_TRUE(publication.offer(parts, supplier));
    EXPECT_TRUE(publication.offer({bytes.first(4), bytes.subspan(4)}, supplier));

    EXPECT_EQ(read_all(stream.image()), std::vector<std::string>(9, "hello"));
}

// spec: 07-C35
TYPED_TEST(PublicationsTest, AMessageOfAnyNumberOfPartsIsTheirConcatenation) {
    const std::string text = "a message that is offered in pieces, some of which are empty";
    const auto bytes = std::as_bytes(std::span{text});
    for (const std::size_t part_count : {1U, 3U, 20U}) {
        const Stream stream;
        std::vector<MessagePart> parts;
        for (std::size_t i = 0; i < part_count; ++i) {
            // Each third part is empty; the last one takes what is left.
            const std::size_t offset =
                parts.empty() ? 0 : static_cast<std::size_t>(parts.back().data() + parts.back().size() - bytes.data());
            const std::size_t length = i + 1 == part_count ? bytes.size() - offset : i % 3 == 1 ? 0 : 2;
            parts.push_back(bytes.subspan(offset, length));
        }

        EXPECT_TRUE(make<TypeParam>(stream).offer(parts));

        EXPECT_EQ(read_all(stream.image()), std::vector<std::string>{text}) << part_count << " parts";
    }
}

TYPED_TEST(PublicationsTest, OfferingIsNoexceptUnlessTheSupplierMayThrow) {
    const Stream stream;
    const auto publication = make<TypeParam>(stream);
    const auto throwing = [](std::span<const std::byte>) -> std::int64_t { return 1; };
    const auto nothrow = [](std::span<const std::byte>) noexcept -> std::int64_t { return 1; };

    EXPECT_TRUE(noexcept(publication.offer("a")));
    EXPECT_TRUE(noexcept(publication.offer(MessageParts{})));
    EXPECT_TRUE(noexcept(publication.offer("a", nothrow)));
    EXPECT_FALSE(noexcept(publication.offer("a", throwing)));
    EXPECT_TRUE(noexcept(publication.try_claim(1)));
}

// spec: 03-C14, 07-C29
TYPED_TEST(PublicationsTest, PositionsMoveByWholeFrames) {
    const Stream stream;
    const auto publication = make<TypeParam>(stream);
    const std::vector<std::byte> message(3'000);

    EXPECT_EQ(publication.offer(message).position(), 3'104);
    EXPECT_EQ(publication.offer(std::span<const std::byte>{}).position(), 3'136);
    BufferClaim claim = publication.try_claim(40);
    EXPECT_EQ(claim.result().position(), 3'232);
    EXPECT_EQ(claim.data().size(), 40U);
}

// spec: 07-C27
TYPED_TEST(PublicationsTest, ConstantsFollowFromTheLog) {
    const Stream stream;
    const auto publication = make<TypeParam>(stream);

    const PublicationConstants constants = publication.constants();

    EXPECT_EQ(constants.term_buffer_length, 65'536);
    EXPECT_EQ(constants.max_payload_length, 1'376);
    EXPECT_EQ(constants.max_message_length, 8'192);
    EXPECT_EQ(constants.max_possible_position, 140'737'488'355'328);
    EXPECT_EQ(constants.position_bits_to_shift, 16);
    EXPECT_EQ(constants.initial_term_id, 7);
    EXPECT_EQ(publication.channel(), "aeron:ipc");
    EXPECT_EQ(publication.stream_id(), 1'001);
    EXPECT_EQ(publication.session_id(), SessionId{0x11223344});
    EXPECT_EQ(publication.registration_id(), RegistrationId{10});
    EXPECT_TRUE(publication.is_original());
    EXPECT_EQ(publication.position_limit_id(), CounterId{21});
    EXPECT_EQ(publication.channel_status_id(), no_counter);
}

// spec: 03-C15, 07-C28
TYPED_TEST(PublicationsTest, AtTheLimitItSaysWhetherSomebodyListens) {
    const Stream stream;
    const auto publication = make<TypeParam>(stream);
    stream.set_limit(0);

    stream.set_connected(false);
    EXPECT_EQ(publication.offer("a").status(), OfferStatus::not_connected);
    EXPECT_TRUE(publication.offer("a").is_retryable());
    EXPECT_EQ(publication.try_claim(1).result().status(), OfferStatus::not_connected);
    EXPECT_EQ(publication.status(), Status::disconnected);

    stream.set_connected(true);
    EXPECT_EQ(publication.offer("a").status(), OfferStatus::back_pressured);
    EXPECT_TRUE(publication.offer("a").is_retryable());
    EXPECT_EQ(publication.status(), Status::connected);

    store_release(stream.log->metadata().is_connected, 2);
    EXPECT_EQ(publication.offer("a").status(), OfferStatus::not_connected);
}

// spec: 03-C16, 07-C31
TYPED_TEST(PublicationsTest, AMessageThatIsTooLongIsRefusedAndChangesNothing) {
    const Stream stream;
    const auto publication = make<TypeParam>(stream);
    const std::vector<std::byte> message(8'193);

    EXPECT_EQ(publication.offer(message).status(), OfferStatus::message_too_long);
    EXPECT_FALSE(publication.offer(message).is_retryable());
    EXPECT_EQ(publication.position().position(), 0);
    stream.set_limit(0);
    EXPECT_EQ(publication.offer(message).status(), OfferStatus::back_pressured);
}

// spec: 03-C17, 03-C18
TYPED_TEST(PublicationsTest, ClosedIsWhatEveryOperationAnswersAfterClose) {
    const Stream stream;
    const auto publication = make<TypeParam>(stream);

    publication.close();

    EXPECT_EQ(publication.offer("a").status(), OfferStatus::closed);
    EXPECT_EQ(publication.offer(MessageParts{}).status(), OfferStatus::closed);
    EXPECT_EQ(publication.try_claim(1).result().status(), OfferStatus::closed);
    EXPECT_EQ(publication.try_claim(1'377).result().status(), OfferStatus::message_too_long);
    EXPECT_EQ(publication.position().status(), OfferStatus::closed);
    EXPECT_EQ(publication.position_limit().status(), OfferStatus::closed);
    EXPECT_FALSE(publication.available_window().has_value());
    EXPECT_FALSE(publication.is_connected());
    EXPECT_TRUE(publication.is_closed());
    EXPECT_EQ(publication.status(), Status::closed);
    EXPECT_EQ(publication.channel_status(), ChannelStatus::errored);
    EXPECT_EQ(publication.constants().max_payload_length, 1'376);
    EXPECT_EQ(publication.channel(), "aeron:ipc");
}

TYPED_TEST(PublicationsTest, ADefaultConstructedOneIsClosed) {
    const TypeParam publication;
    publication.close();

    EXPECT_EQ(publication.offer("a").status(), OfferStatus::closed);
    EXPECT_EQ(publication.offer(MessageParts{}).status(), OfferStatus::closed);
    EXPECT_EQ(publication.try_claim(1).result().status(), OfferStatus::closed);
    EXPECT_EQ(publication.position().status(), OfferStatus::closed);
    EXPECT_EQ(publication.position_limit().status(), OfferStatus::closed);
    EXPECT_TRUE(publication.is_closed());
    EXPECT_FALSE(publication.is_connected());
    EXPECT_EQ(publication.channel_status(), ChannelStatus::errored);
    EXPECT_EQ(publication.channel(), "");
    EXPECT_EQ(publication.max_payload_length(), 0);
    EXPECT_EQ(publication, TypeParam{});
}

// spec: 07-C40
TYPED_TEST(PublicationsTest, TheAvailableWindowIsLimitLessPosition) {
    const Stream stream;
    const auto publication = make<TypeParam>(stream);
    stream.set_limit(96);

    EXPECT_TRUE(publication.offer("a"));
    EXPECT_EQ(publication.position_limit().position(), 96);
    EXPECT_EQ(publication.position().position(), 64);
    EXPECT_EQ(publication.available_window(), 32);
    EXPECT_TRUE(publication.offer("a"));
    EXPECT_EQ(publication.available_window(), -32);

    publication.close();
    EXPECT_EQ(publication.position().status(), OfferStatus::closed);
}

// spec: 07-C30
TYPED_TEST(PublicationsTest, AMessageThatDoesNotFitTheTermGoesIntoTheNextOne) {
    const Stream stream{{.start = logbuffer::StartPosition{.term_id = 7, .term_offset = 65'472}}};
    const auto publication = make<TypeParam>(stream);
    const std::vector<std::byte> message(64);

    EXPECT_EQ(publication.offer(message).status(), OfferStatus::admin_action);
    EXPECT_EQ(publication.offer(message).position(), 65'632);
}

// spec: 07-C32, 03-C37
TYPED_TEST(PublicationsTest, AtTheEndOfTheLastTermTheStreamIsExhaustedForEver) {
    const Stream stream{{.start = logbuffer::StartPosition{.term_id = -2'147'483'642, .term_offset = 65'440}}};
    const auto publication = make<TypeParam>(stream);
    const std::vector<std::byte> message(100);

    EXPECT_EQ(publication.offer(message).status(), OfferStatus::max_position_exceeded);
    EXPECT_EQ(publication.offer("small").status(), OfferStatus::max_position_exceeded);
    EXPECT_EQ(publication.offer("").status(), OfferStatus::max_position_exceeded);
    EXPECT_EQ(publication.try_claim(0).result().status(), OfferStatus::max_position_exceeded);
    EXPECT_FALSE(publication.offer("small").is_retryable());
}

// spec: 03-C26, 07-C34
TYPED_TEST(PublicationsTest, TheSupplierSeesEachFragmentsOwnFrame) {
    const Stream stream;
    const auto publication = make<TypeParam>(stream);
    const std::vector<std::byte> message(3'000);
    std::vector<std::ptrdiff_t> offsets;
    std::vector<std::size_t> lengths;

    EXPECT_TRUE(publication.offer(message, [&](const std::span<const std::byte> frame) {
        offsets.push_back(frame.data() - stream.term(0).data());
        lengths.push_back(frame.size());
        return std::int64_t{100} + static_cast<std::int64_t>(offsets.size());
    }));

    EXPECT_EQ(offsets, (std::vector<std::ptrdiff_t>{0, 1'408, 2'816}));
    EXPECT_EQ(lengths, (std::vector<std::size_t>{1'408, 1'408, 280}));
    std::vector<std::int64_t> seen;
    stream.image().poll(
        [&](std::span<const std::byte> /*fragment*/, const Header& header) { seen.push_back(header.reserved_value()); },
        10);
    EXPECT_EQ(seen, (std::vector<std::int64_t>{101, 102, 103}));
}

TYPED_TEST(PublicationsTest, ASupplierThatThrowsLeavesPaddingAndReachesTheCaller) {
    const Stream stream;
    const auto publication = make<TypeParam>(stream);

    EXPECT_THROW(static_cast<void>(publication.offer(
                     "lost", [](std::span<const std::byte>) -> std::int64_t { throw std::runtime_error("no value"); })),
                 std::runtime_error);
    EXPECT_TRUE(publication.offer("next"));

    EXPECT_EQ(read_all(stream.image()), std::vector<std::string>{"next"});
}

TYPED_TEST(PublicationsTest, TheConductorIsToldOnce) {
    const Stream stream;
    {
        auto publication = make<TypeParam>(stream);
        auto copy = publication;
        copy.close();
        publication.close();
        publication = {};
    }

    ASSERT_EQ(stream.link->closes().size(), 1U);
    EXPECT_EQ(stream.link->closes().front().id, 10);
}

TYPED_TEST(PublicationsTest, DroppingTheLastCopyClosesIt) {
    const Stream stream;
    auto publication = make<TypeParam>(stream);
    auto copy = publication;

    publication = {};
    EXPECT_TRUE(stream.link->closes().empty());
    EXPECT_TRUE(copy.offer("still open"));
    copy = {};

    EXPECT_EQ(stream.link->closes().size(), 1U);
}

TYPED_TEST(PublicationsTest, CopiesAreEqualAndHashAlike) {
    const Stream stream;
    const auto one = make<TypeParam>(stream);
    const auto other = make<TypeParam>(stream);

    EXPECT_EQ(one, TypeParam{one});
    EXPECT_NE(one, other);
    EXPECT_EQ((std::unordered_set<TypeParam>{one, one, other}.size()), 2U);
}

TYPED_TEST(PublicationsTest, ChannelStatusIsThatOfItsIndicator) {
    const Stream stream;
    client::PublicationSetup setup = stream.publication_setup();
    setup.channel_status = {.id = CounterId{5}, .value = &stream.counters->channel_status};
    const Publication publication{std::make_shared<client::PublicationState>(std::move(setup))};

    EXPECT_EQ(publication.channel_status(), ChannelStatus::active);
    store_release(stream.counters->channel_status, 0);
    EXPECT_EQ(publication.channel_status(), ChannelStatus::initializing);
    EXPECT_EQ(publication.channel_status_id(), CounterId{5});
    EXPECT_EQ(make<TypeParam>(stream).channel_status(), ChannelStatus::active);
}

// ---- Shared publications ----

// spec: 02-C43
TEST(Publication, ClosingOneOfTwoThatShareALogLeavesTheOtherWorking) {
    const Stream stream;
    const Publication first = stream.publication();
    const Publication second{std::make_shared<client::PublicationState>(stream.publication_setup(11))};

    first.close();

    EXPECT_FALSE(second.is_original());
    EXPECT_EQ(first.offer("a").status(), OfferStatus::closed);
    EXPECT_EQ(second.offer("b").position(), 64);
    EXPECT_EQ(read_all(stream.image()), std::vector<std::string>{"b"});
    EXPECT_EQ(stream.link->closes(), (Closes{{"publication", 10}}));
}

// spec: 07-C38
TEST(Publication, ThreadsOfferAtOnceAndEachKeepsItsOrder) {
    const Stream stream;
    constexpr std::int32_t thread_count = 4;
    constexpr std::int32_t messages_per_thread = 100'000;
    // What the driver does for a stream with one subscriber: half a term ahead of it.
    stream.set_limit(32'768);
    const Image image = stream.image();
    std::vector<std::thread> publishers;
    std::barrier start{thread_count + 1};
    for (std::int32_t thread = 0; thread < thread_count; ++thread) {
        publishers.emplace_back([&, thread, publication = stream.publication()] {
            start.arrive_and_wait();
            for (std::int32_t i = 0; i < messages_per_thread;) {
                const std::array<std::int32_t, 2> message{thread, i};
                if (publication.offer(std::as_bytes(std::span{message}))) {
                    ++i;
                } else {
                    std::this_thread::yield();
                }
            }
        });
    }

    std::map<std::int32_t, std::int32_t> next;
    std::int32_t received = 0;
    std::int64_t cleaned = 0;
    start.arrive_and_wait();
    while (received < thread_count * messages_per_thread) {
        const int fragments = image.poll(
            [&](const std::span<const std::byte> fragment, const Header& /*header*/) {
                std::array<std::int32_t, 2> message{};
                ASSERT_EQ(fragment.size(), sizeof message);
                std::memcpy(message.data(), fragment.data(), sizeof message);
                ASSERT_EQ(message[1], next[message[0]]++);
            },
            100);
        received += fragments;
        for (const std::int64_t read = image.position(); cleaned < read; cleaned += 32) {
            const auto term = stream.log->term(static_cast<std::int32_t>((cleaned >> 16) % 3));
            std::memset(term.data() + (cleaned & 0xFFFF) + 8, 0, 24);
            store_release(logbuffer::first_word(term.data() + (cleaned & 0xFFFF)), 0);
        }
        stream.set_limit(image.position() + 32'768);
        if (fragments == 0) {
            std::this_thread::yield();
        }
    }
    for (std::thread& publisher : publishers) {
        publisher.join();
    }

    for (std::int32_t thread = 0; thread < thread_count; ++thread) {
        EXPECT_EQ(next[thread], messages_per_thread);
    }
}

TEST(Publication, ClosingBesideAnOfferIsSafe) {
    const Stream stream;
    for (int round = 0; round < 50; ++round) {
        const Publication publication = stream.publication();
        std::barrier start{2};
        std::thread offering{[publication, &start] {
            start.arrive_and_wait();
            while (publication.offer("a").status() != OfferStatus::closed) {
            }
        }};
        start.arrive_and_wait();
        publication.close();
        offering.join();
        EXPECT_EQ(publication.offer("a").status(), OfferStatus::closed);
    }
}

// ---- Exclusive publications ----

// spec: 03-C32, 07-C36
TEST(ExclusivePublication, PaddingMovesTheStreamAndDeliversNothing) {
    const Stream stream;
    const ExclusivePublication publication = stream.exclusive_publication();
    const Image image = stream.image();

    EXPECT_EQ(publication.append_padding(100).position(), 160);

    EXPECT_EQ(read_all(image), std::vector<std::string>{});
    EXPECT_EQ(image.position(), 160);
    EXPECT_EQ(publication.append_padding(8'193).status(), OfferStatus::message_too_long);
    publication.close();
    EXPECT_EQ(publication.append_padding(100).status(), OfferStatus::closed);
    EXPECT_EQ(ExclusivePublication{}.append_padding(1).status(), OfferStatus::closed);
}

// spec: 07-C37, 03-C33
TEST(ExclusivePublication, ABlockOfAnEqualStreamIsTakenAsItIs) {
    const Stream source;
    const Stream target;
    const Publication publication = source.publication();
    EXPECT_TRUE(publication.offer("one"));
    EXPECT_TRUE(publication.offer("two"));
    std::vector<std::byte> block;
    source.image().block_poll([&](const std::span<const std::byte> frames, std::int32_t /*session_id*/,
                                  std::int32_t /*term_id*/) { block.assign(frames.begin(), frames.end()); },
                              65'536);
    const ExclusivePublication copy = target.exclusive_publication();

    for (const std::size_t field : {8U, 12U, 16U, 20U, 6U}) {  // offset, session, stream, term, type
        std::vector<std::byte> wrong = block;
        wrong[field] ^= std::byte{0x40};
        EXPECT_EQ(copy.offer_block(wrong).status(), OfferStatus::invalid_argument) << "at byte " << field;
        EXPECT_EQ(copy.position().position(), 0);
    }
    EXPECT_EQ(copy.offer_block(block).position(), 128);

    EXPECT_EQ(read_all(target.image()), (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(copy.term_id(), 7);
    EXPECT_EQ(copy.term_offset(), 128);
    EXPECT_EQ(ExclusivePublication{}.offer_block(block).status(), OfferStatus::closed);
}

// spec: 03-C30
TEST(ExclusivePublication, GoesOnWhereTheLogsTailIs) {
    const Stream stream{{.start = logbuffer::StartPosition{.term_id = 9, .term_offset = 96}}};
    const ExclusivePublication publication = stream.exclusive_publication();

    EXPECT_EQ(publication.position().position(), 131'168);
    EXPECT_EQ(publication.term_id(), 9);
    EXPECT_EQ(publication.term_offset(), 96);
    EXPECT_EQ(publication.offer("a").position(), 131'232);
}

// spec: 07 §F
TEST(ExclusivePublication, ASecondUserMeanwhileIsNoticed) {
    const Stream stream;
    const ExclusivePublication publication = stream.exclusive_publication();
    OfferResult inner = OfferStatus::ok;
    // A supplier that offers stands for another thread that does: the first offer is still under way.
    EXPECT_DEBUG_DEATH(static_cast<void>(publication.offer("outer",
                                                           [&](std::span<const std::byte>) noexcept {
                                                               inner = publication.offer("inner");
                                                               return std::int64_t{0};
                                                           })),
                       "used by two threads at the same time");
    static_cast<void>(inner);
    const Publication shared = stream.publication();
    EXPECT_TRUE(shared.offer("outer", [&](std::span<const std::byte>) noexcept {
        EXPECT_TRUE(shared.offer("inner"));
        return std::int64_t{0};
    }));
}

TEST(ExclusivePublication, RevokingClosesWithTheFlag) {
    const Stream stream;
    stream.exclusive_publication().revoke();
    stream.exclusive_publication().revoke_on_close();
    stream.exclusive_publication().close();
    ExclusivePublication{}.revoke();

    EXPECT_EQ(stream.link->closes(), (Closes{{"revoke exclusive", 10}, {"revoke exclusive", 10}, {"exclusive", 10}}));
}

}  // namespace
}  // namespace cpperon
