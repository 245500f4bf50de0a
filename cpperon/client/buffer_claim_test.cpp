#include "cpperon/client/buffer_claim.hpp"

#include <cstring>
#include <optional>

#include <gtest/gtest.h>

#include "cpperon/client/stream_fixture.hpp"

namespace cpperon {
namespace {

using client::Stream;
using client::text_of;

void write(const BufferClaim& claim, const std::string_view text) {
    ASSERT_EQ(claim.data().size(), text.size());
    std::memcpy(claim.data().data(), text.data(), text.size());
}

struct Delivered {
    std::string text;
    HeaderValues header;
};

std::vector<Delivered> read_all(const Image& image) {
    std::vector<Delivered> fragments;
    image.poll(
        [&](const std::span<const std::byte> fragment, const Header& header) {
            fragments.push_back({text_of(fragment), header.values()});
        },
        100);
    return fragments;
}

TEST(BufferClaim, ACommittedClaimIsDelivered) {
    const Stream stream;
    BufferClaim claim = stream.publication().try_claim(5);
    const Image image = stream.image();

    ASSERT_TRUE(claim);
    write(claim, "hello");
    EXPECT_TRUE(read_all(image).empty());
    EXPECT_EQ(claim.commit(), OfferStatus::ok);

    const auto fragments = read_all(image);
    ASSERT_EQ(fragments.size(), 1U);
    EXPECT_EQ(fragments[0].text, "hello");
    EXPECT_EQ(fragments[0].header.flags, 0xC0);
    EXPECT_EQ(fragments[0].header.reserved_value, 0);
    EXPECT_EQ(claim.result().position(), 64);
}

// spec: 03-C28, 07-C33
TEST(BufferClaim, ADroppedClaimBecomesPaddingThatSubscribersPass) {
    const Stream stream;
    const Publication publication = stream.publication();
    const Image image = stream.image();
    {
        const BufferClaim claim = publication.try_claim(100);
        ASSERT_TRUE(claim);
    }

    EXPECT_TRUE(read_all(image).empty());
    EXPECT_EQ(image.position(), 160);
    const auto& header = logbuffer::header_at(stream.term(0).data());
    EXPECT_EQ(header.type, logbuffer::padding_type);
    EXPECT_EQ(header.frame_length, 132);
}

TEST(BufferClaim, AbortedIsNotCommittedAndFinishedIsFinished) {
    const Stream stream;
    BufferClaim claim = stream.publication().try_claim(3);

    claim.abort();

    EXPECT_FALSE(claim);
    EXPECT_EQ(claim.commit(), OfferStatus::closed);
    EXPECT_TRUE(claim.data().empty());
    claim.abort();
    claim.set_flags(0);
    claim.set_type(2);
    claim.set_reserved_value(1);
    EXPECT_TRUE(read_all(stream.image()).empty());
}

TEST(BufferClaim, ReservedValueFlagsAndTypeAreSeenInTheHeader) {
    const Stream stream;
    BufferClaim claim = stream.exclusive_publication().try_claim(1);

    EXPECT_EQ(claim.length(), 1U);
    EXPECT_EQ(claim.reserved_value(), 0);
    EXPECT_EQ(claim.flags(), 0xC0);
    EXPECT_EQ(claim.type(), 1);
    claim.set_reserved_value(77);
    claim.set_flags(logbuffer::frame_flag::begin);
    claim.set_type(9);
    EXPECT_EQ(claim.reserved_value(), 77);
    EXPECT_EQ(claim.flags(), 0x80);
    EXPECT_EQ(claim.type(), 9);
    claim.commit();
    EXPECT_EQ(claim.position(), 64);
    EXPECT_EQ(claim.length(), 0U);
    EXPECT_EQ(claim.reserved_value(), 0);
    EXPECT_EQ(claim.flags(), 0);
    EXPECT_EQ(claim.type(), 0);

    const auto fragments = read_all(stream.image());
    ASSERT_EQ(fragments.size(), 1U);
    EXPECT_EQ(fragments[0].header.reserved_value, 77);
    EXPECT_EQ(fragments[0].header.flags, 0x80);
    EXPECT_EQ(fragments[0].header.type, 9);
}

TEST(BufferClaim, MovesButDoesNotCommitTwice) {
    const Stream stream;
    const Publication publication = stream.publication();
    BufferClaim first = publication.try_claim(3);
    write(first, "one");

    BufferClaim moved = std::move(first);
    EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): a moved-from claim is empty
    EXPECT_EQ(first.commit(), OfferStatus::closed);
    BufferClaim second = publication.try_claim(3);
    write(second, "two");
    moved = std::move(second);  // what was claimed before is aborted
    EXPECT_EQ(moved.commit(), OfferStatus::ok);

    const auto fragments = read_all(stream.image());
    ASSERT_EQ(fragments.size(), 1U);
    EXPECT_EQ(fragments[0].text, "two");
}

TEST(BufferClaim, OutlivesItsPublicationAndEverythingElse) {
    std::weak_ptr<const logbuffer::LogFile> log;
    BufferClaim claim;
    std::shared_ptr<client::ImageState> image;
    {
        const Stream stream;
        log = stream.log;
        image = stream.image_state();
        Publication publication = stream.publication();
        claim = publication.try_claim(5);
        publication.close();
    }

    write(claim, "hello");
    EXPECT_EQ(claim.commit(), OfferStatus::ok);
    EXPECT_EQ(read_all(Image{image}).size(), 1U);
    image.reset();
    EXPECT_FALSE(log.expired());
    claim = {};
    EXPECT_TRUE(log.expired());
}

TEST(BufferClaim, IsUsedAgainWithOnePublicationAndWithAnother) {
    const Stream stream;
    const Stream other_stream;
    const Publication publication = stream.publication();
    const long users = stream.log.use_count();
    BufferClaim claim;

    for (const std::string_view text : {"one", "two"}) {
        ASSERT_TRUE(publication.try_claim(3, claim));
        write(claim, text);
        EXPECT_EQ(claim.commit(), OfferStatus::ok);
        EXPECT_EQ(stream.log.use_count(), users + 1);
    }
    ASSERT_TRUE(publication.try_claim(5, claim));  // left alone: aborted by the next
    ASSERT_TRUE(other_stream.publication().try_claim(5, claim));
    EXPECT_EQ(stream.log.use_count(), users);
    write(claim, "three");
    claim.commit();

    const Image image = stream.image();
    EXPECT_EQ(read_all(image).size(), 2U);
    EXPECT_EQ(image.position(), 192);
    ASSERT_EQ(read_all(other_stream.image()).size(), 1U);
}

TEST(BufferClaim, IsEmptyAfterARefusalAndUsableAfterwards) {
    const Stream stream;
    const Publication publication = stream.publication();
    BufferClaim claim = publication.try_claim(5);
    stream.set_limit(0);

    EXPECT_EQ(publication.try_claim(5, claim).status(), OfferStatus::back_pressured);
    EXPECT_FALSE(claim);
    EXPECT_EQ(claim.result().status(), OfferStatus::back_pressured);
    EXPECT_EQ(Publication{}.try_claim(5, claim).status(), OfferStatus::closed);
    EXPECT_EQ(claim.result().status(), OfferStatus::closed);
    stream.set_limit(1'000);
    ASSERT_TRUE(publication.try_claim(5, claim));
    EXPECT_EQ(claim.commit(), OfferStatus::ok);
}

TEST(BufferClaim, ARefusedOneHoldsTheReason) {
    const Stream stream;
    stream.set_limit(0);

    BufferClaim claim = stream.publication().try_claim(5);

    EXPECT_FALSE(claim);
    EXPECT_EQ(claim.result().status(), OfferStatus::back_pressured);
    EXPECT_TRUE(claim.data().empty());
    EXPECT_EQ(claim.position(), 0);
    EXPECT_EQ(claim.commit(), OfferStatus::closed);
    EXPECT_EQ(BufferClaim{}.result().status(), OfferStatus::closed);
}

}  // namespace
}  // namespace cpperon
