#include "cpperon/wire/resolution.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/wire/frame_vectors.hpp"

namespace cpperon::wire {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the vectors

/// The entries up to the end or the first malformed one, and what that was.
struct Read {
    std::vector<ResolutionEntry> entries;
    Fault fault = Fault::none;
};

Read read_all(const std::span<const std::byte> datagram) {
    ResolutionReader reader{datagram};
    Read read;
    while (const auto entry = reader.next()) {
        read.entries.push_back(*entry);
    }
    EXPECT_FALSE(reader.next()) << "the end is final";
    read.fault = reader.fault();
    return read;
}

class ResolutionVector : public testing::TestWithParam<Vector<ResolutionEntry>> {};
INSTANTIATE_TEST_SUITE_P(Resolution, ResolutionVector, testing::ValuesIn(resolution_vectors), name_of);

// spec: 04-C1, 04-C90
TEST_P(ResolutionVector, HasTheBytesOfTheSpecification) {
    const Bytes datagram = GetParam().bytes();

    EXPECT_EQ(encoded(std::vector{GetParam().frame}), datagram);
    EXPECT_EQ(check_datagram(datagram), Fault::none);
    const Read read = read_all(datagram);
    EXPECT_EQ(read.entries, std::vector{GetParam().frame});
    EXPECT_EQ(read.fault, Fault::none);
}

const ResolutionEntry ipv4_entry = resolution_vectors[0].frame;
const ResolutionEntry ipv6_entry = resolution_vectors[1].frame;

TEST(Resolution, TellsEntriesOfTheSenderItself) {
    EXPECT_TRUE(ipv4_entry.is_self());
    EXPECT_FALSE(ipv6_entry.is_self());
}

TEST(Resolution, ReadsSeveralEntriesInOrder) {
    const Bytes datagram = encoded(std::vector{ipv4_entry, ipv6_entry, ipv4_entry});

    EXPECT_EQ(datagram.size(), 8U + 24U + 32U + 24U);
    EXPECT_EQ(read_all(datagram).entries, (std::vector{ipv4_entry, ipv6_entry, ipv4_entry}));
}

// spec: 04-C90
TEST(Resolution, PadsEntriesOfAnyNameLengthToEight) {
    for (std::size_t length = 1; length <= max_resolution_name_length; ++length) {
        const std::string name(length, 'n');
        ResolutionEntry entry = length % 2 == 0 ? ipv4_entry : ipv6_entry;
        entry.name = name;

        const Bytes datagram = encoded(std::vector{entry, entry});

        ASSERT_EQ(datagram.size() % 8, 0U) << length;
        ASSERT_EQ(read_all(datagram).entries, (std::vector{entry, entry})) << length;
    }
}

TEST(Resolution, ReadsEntriesThatLieUnaligned) {
    Bytes shifted(1);
    const Bytes datagram = encoded(std::vector{ipv6_entry, ipv4_entry});
    shifted.insert(shifted.end(), datagram.begin(), datagram.end());

    EXPECT_EQ(read_all(std::span<const std::byte>{shifted}.subspan(1)).entries, (std::vector{ipv6_entry, ipv4_entry}));
}

TEST(Resolution, StopsAtAnUnknownType) {
    Bytes datagram = encoded(std::vector{ipv4_entry, ipv4_entry, ipv4_entry});
    for (const int type : {0, 3, 0xFF}) {
        datagram[8 + 24] = static_cast<std::byte>(type);

        const Read read = read_all(datagram);

        EXPECT_EQ(read.entries, std::vector{ipv4_entry});
        EXPECT_EQ(read.fault, Fault::unknown_resolution_type);
    }
}

TEST(Resolution, StopsAtANameThatIsEmptyOrTooLong) {
    Bytes datagram = encoded(std::vector{ipv4_entry, ipv4_entry});
    datagram.resize(2'000);
    for (const int value : {0, -1, 513, INT16_MAX, INT16_MIN}) {
        const auto name_length = static_cast<std::int16_t>(value);
        std::memcpy(datagram.data() + 8 + 12, &name_length, sizeof name_length);

        const Read read = read_all(datagram);

        EXPECT_TRUE(read.entries.empty());
        EXPECT_EQ(read.fault, Fault::resolution_name_out_of_range);
    }
}

TEST(Resolution, HoldsANameAgainstTheBytesThatRemainOfTheFrame) {
    Bytes datagram = encoded(std::vector{ipv4_entry, ipv4_entry});
    const std::int16_t name_length = 11;  // three bytes beyond the padded end
    std::memcpy(datagram.data() + 8 + 24 + 12, &name_length, sizeof name_length);
    datagram.resize(datagram.size() + 64);  // the datagram goes on, the frame does not

    const Read read = read_all(datagram);

    EXPECT_EQ(read.entries, std::vector{ipv4_entry});
    EXPECT_EQ(read.fault, Fault::resolution_entry_incomplete);
}

TEST(Resolution, RefusesAnEntryThatIsCutAnywhere) {
    for (const ResolutionEntry& entry : {ipv4_entry, ipv6_entry}) {
        const Bytes whole = encoded(std::vector{ipv4_entry, entry});
        for (std::size_t length = 8 + 24; length < whole.size(); ++length) {
            Bytes cut = whole;
            cut.resize(length);
            const auto frame_length = static_cast<std::int32_t>(length);
            std::memcpy(cut.data(), &frame_length, sizeof frame_length);

            const Read read = read_all(cut);

            ASSERT_EQ(read.entries, std::vector{ipv4_entry}) << length;
            ASSERT_EQ(read.fault, length == 32 ? Fault::none : Fault::resolution_entry_incomplete) << length;
        }
    }
}

TEST(Resolution, FrameThatSaysItIsShorterThanItsHeaderHasNoEntries) {
    Bytes datagram = encoded(std::vector{ipv4_entry});
    for (const int frame_length : {0, 7, 8}) {
        datagram[0] = static_cast<std::byte>(frame_length);
        EXPECT_TRUE(read_all(datagram).entries.empty());
        EXPECT_EQ(read_all(datagram).fault, Fault::none);
    }
}

// spec: 04-C90
TEST(ResolutionPacker, FillsFramesUpToTheMtuAndNoFurther) {
    Bytes buffer(8 + 24 + 24, std::byte{0xEE});
    ResolutionPacker packer{buffer};

    EXPECT_TRUE(packer.is_empty());
    EXPECT_TRUE(packer.try_add(ipv4_entry));
    EXPECT_FALSE(packer.try_add(ipv6_entry)) << "eight bytes too many";
    EXPECT_TRUE(packer.try_add(ipv4_entry)) << "just fits";
    EXPECT_FALSE(packer.try_add(ipv4_entry));
    EXPECT_FALSE(packer.is_empty());
    EXPECT_EQ(read_all(packer.frame()).entries, (std::vector{ipv4_entry, ipv4_entry}));

    packer.clear();
    EXPECT_TRUE(packer.is_empty());
    EXPECT_TRUE(packer.try_add(ipv6_entry));
    EXPECT_EQ(read_all(packer.frame()).entries, std::vector{ipv6_entry});
}

TEST(ResolutionPacker, EmptyFrameRefusesWhatFitsNone) {
    Bytes buffer(31);
    ResolutionPacker packer{buffer};

    EXPECT_FALSE(packer.try_add(ipv4_entry));
    EXPECT_TRUE(packer.is_empty());
    EXPECT_EQ(packer.frame().size(), 8U);
}

}  // namespace
}  // namespace cpperon::wire
