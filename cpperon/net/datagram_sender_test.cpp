/// The sender against a kernel that answers as the test says.
#include "cpperon/net/datagram_sender.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <netinet/udp.h>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/net/datagram_test_support.hpp"
#include "cpperon/net/native_address.hpp"

namespace cpperon::net {
namespace {

using namespace test;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

/// One message as the kernel sees it.
struct Message {
    Bytes bytes;
    std::uint32_t segment_length = 0;  ///< 0: not to be cut
    SocketAddress destination;
};

/// Takes messages, cuts them up as a kernel does, and refuses what the test wants it to refuse.
class FakeKernel {
public:
    FakeKernel() { current = this; }

    [[nodiscard]] static SendCalls calls() { return {.sendto = sendto, .sendmsg = sendmsg, .sendmmsg = sendmmsg}; }

    /// Asked for each message: 0, or the error to answer with.
    std::function<int(const Message&)> verdict = [](const Message&) { return 0; };
    std::vector<std::string> calls_made;
    std::vector<Message> messages;  ///< that were taken
    std::vector<Bytes> datagrams;   ///< that left

private:
    static ssize_t sendto(int, const void* const data, const std::size_t length, int, const sockaddr* const name,
                          const socklen_t name_length) {
        current->calls_made.emplace_back("sendto");
        iovec part{.iov_base = const_cast<void*>(data), .iov_len = length};
        msghdr header{};
        header.msg_name = const_cast<sockaddr*>(name);
        header.msg_namelen = name_length;
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        return current->take(header);
    }
    static ssize_t sendmsg(int, const msghdr* const header, int) {
        current->calls_made.emplace_back("sendmsg");
        return current->take(*header);
    }
    static int sendmmsg(int, mmsghdr* const headers, const unsigned int count, int) {
        current->calls_made.emplace_back("sendmmsg");
        for (unsigned int i = 0; i < count; ++i) {
            if (current->take(headers[i].msg_hdr) < 0) {
                return i == 0 ? -1 : static_cast<int>(i);
            }
        }
        return static_cast<int>(count);
    }

    ssize_t take(const msghdr& header) {
        const Message message = read(header);
        if (const int system_error = verdict(message); system_error != 0) {
            errno = system_error;
            return -1;
        }
        messages.push_back(message);
        const std::size_t cut = message.segment_length == 0 ? message.bytes.size() : message.segment_length;
        for (std::size_t begin = 0; begin < message.bytes.size(); begin += cut) {
            const auto from = message.bytes.begin() + static_cast<std::ptrdiff_t>(begin);
            const std::size_t length = std::min(cut, message.bytes.size() - begin);
            datagrams.emplace_back(from, from + static_cast<std::ptrdiff_t>(length));
        }
        return static_cast<ssize_t>(message.bytes.size());
    }

    static Message read(const msghdr& header) {
        Message message;
        EXPECT_EQ(header.msg_iovlen, 1U);
        const auto* const data = static_cast<const std::byte*>(header.msg_iov->iov_base);
        message.bytes.assign(data, data + header.msg_iov->iov_len);
        if (header.msg_name != nullptr) {
            message.destination = from_native(*static_cast<const sockaddr*>(header.msg_name));
        }
        if (const cmsghdr* const option = CMSG_FIRSTHDR(&header); option != nullptr) {
            EXPECT_EQ(option->cmsg_level, SOL_UDP);
            EXPECT_EQ(option->cmsg_type, UDP_SEGMENT);
            std::uint16_t segment_length = 0;
            std::memcpy(&segment_length, CMSG_DATA(option), sizeof(segment_length));
            message.segment_length = segment_length;
        }
        return message;
    }

    static inline FakeKernel* current = nullptr;
};

class DatagramSenderTest : public testing::Test {
protected:
    SendOutcome send(const std::vector<DatagramRun>& runs) { return sender.send(runs, nullptr); }

    [[nodiscard]] Bytes all_bytes() const {
        Bytes bytes;
        for (const Bytes& datagram : kernel.datagrams) {
            bytes.insert(bytes.end(), datagram.begin(), datagram.end());
        }
        return bytes;
    }

    FakeKernel kernel;
    DatagramSender sender{-1, true, FakeKernel::calls()};
};

TEST_F(DatagramSenderTest, SendsNothingForNoRuns) {
    const SendOutcome outcome = send({});

    EXPECT_TRUE(outcome.is_complete);
    EXPECT_EQ(outcome.bytes_sent, 0);
    EXPECT_THAT(kernel.calls_made, IsEmpty());
}

TEST_F(DatagramSenderTest, SendsOneDatagramByTheCheapestCall) {
    const Bytes bytes = pattern(100);

    EXPECT_TRUE(send({run_of(bytes, 100)}).is_complete);

    EXPECT_THAT(kernel.calls_made, ElementsAre("sendto"));
    EXPECT_THAT(kernel.datagrams, ElementsAre(bytes));
}

TEST_F(DatagramSenderTest, SendsARunAsOneMessage) {
    const Bytes bytes = pattern(47 * 1'376);

    EXPECT_TRUE(send({run_of(bytes, 1'376)}).is_complete);

    EXPECT_THAT(kernel.calls_made, ElementsAre("sendmsg"));
    EXPECT_THAT(kernel.datagrams, SizeIs(47));
    EXPECT_EQ(all_bytes(), bytes);
}

TEST_F(DatagramSenderTest, SendsSeveralRunsByOneCall) {
    const Bytes first = pattern(3 * 96);
    const Bytes second = pattern(64);

    const SendOutcome outcome = send({run_of(first, 96), run_of(second, 64)});

    EXPECT_TRUE(outcome.is_complete);
    EXPECT_EQ(outcome.bytes_sent, 3 * 96 + 64);
    EXPECT_THAT(kernel.calls_made, ElementsAre("sendmmsg"));
    EXPECT_THAT(kernel.datagrams, ElementsAre(SizeIs(96), SizeIs(96), SizeIs(96), second));
}

TEST_F(DatagramSenderTest, PutsNoMoreIntoAMessageThanTheKernelCuts) {
    const Bytes bytes = pattern(200 * 32 + 7);

    EXPECT_TRUE(send({run_of(bytes, 32)}).is_complete);

    EXPECT_THAT(kernel.calls_made, ElementsAre("sendmmsg"));
    ASSERT_THAT(kernel.messages, SizeIs(4));
    EXPECT_EQ(kernel.messages[0].bytes.size(), 64U * 32);
    EXPECT_EQ(kernel.messages[3].bytes.size(), 8U * 32 + 7);
    EXPECT_EQ(all_bytes(), bytes);
}

TEST_F(DatagramSenderTest, PutsNoMoreIntoAMessageThanUdpCarries) {
    const Bytes bytes = pattern(100 * 8'192);

    EXPECT_TRUE(send({run_of(bytes, 8'192)}).is_complete);

    for (const Message& message : kernel.messages) {
        EXPECT_THAT(message.bytes.size(), Le(max_datagram_length));
    }
    EXPECT_EQ(kernel.messages[0].bytes.size(), 7U * 8'192);
    EXPECT_EQ(all_bytes(), bytes);
}

TEST_F(DatagramSenderTest, DoesNotAskToCutADatagramThatIsAlone) {
    const Bytes longest = pattern(3 * 65'504);
    const Bytes shorter_than_its_segment = pattern(10);

    EXPECT_TRUE(send({run_of(longest, 65'504), run_of(shorter_than_its_segment, 1'376)}).is_complete);

    EXPECT_THAT(kernel.messages, Each(testing::Field(&Message::segment_length, 0U)));
}

TEST_F(DatagramSenderTest, SaysWhereToSendOnASocketThatIsNotConnected) {
    const SocketAddress peer = SocketAddress::ipv4({10, 0, 0, 7}, 40'123);
    const Bytes bytes = pattern(3 * 96);

    sender.send(std::vector{run_of(bytes, 96)}, &peer);
    sender.send(std::vector{run_of(bytes, 288)}, &peer);
    sender.send(std::vector{run_of(bytes, 96), run_of(bytes, 288)}, &peer);

    EXPECT_THAT(kernel.calls_made, ElementsAre("sendmsg", "sendto", "sendmmsg"));
    EXPECT_THAT(kernel.messages, Each(testing::Field(&Message::destination, peer)));
}

TEST_F(DatagramSenderTest, WithoutOffloadSendsEachDatagramAsAMessage) {
    DatagramSender plain{-1, false, FakeKernel::calls()};
    const Bytes bytes = pattern(150 * 96);

    const SendOutcome outcome = plain.send(std::vector{run_of(bytes, 96)}, nullptr);

    EXPECT_TRUE(outcome.is_complete);
    EXPECT_EQ(outcome.bytes_sent, 150 * 96);
    EXPECT_THAT(kernel.calls_made, ElementsAre("sendmmsg", "sendmmsg", "sendmmsg"));
    EXPECT_THAT(kernel.messages, SizeIs(150));
    EXPECT_EQ(all_bytes(), bytes);
}

TEST_F(DatagramSenderTest, ReportsHowFarItGotWhenThereIsNoRoom) {
    const Bytes bytes = pattern(100 * 1'376);
    int room = 1;
    kernel.verdict = [&room](const Message&) { return room-- > 0 ? 0 : EAGAIN; };

    const SendOutcome outcome = send({run_of(bytes, 1'376)});

    EXPECT_FALSE(outcome.is_complete);
    EXPECT_EQ(outcome.bytes_sent, 47 * 1'376);
    EXPECT_EQ(outcome.system_error, 0);
}

TEST_F(DatagramSenderTest, TakesAPassingHindranceForNothingSent) {
    const Bytes bytes = pattern(100);
    for (const int system_error : {EAGAIN, EWOULDBLOCK, ECONNREFUSED, EINTR}) {
        kernel.verdict = [system_error](const Message&) { return system_error; };

        for (const std::uint32_t segment_length : {100U, 50U, 3U}) {
            const SendOutcome outcome = send({run_of(bytes, segment_length)});

            EXPECT_FALSE(outcome.is_complete);
            EXPECT_EQ(outcome.bytes_sent, 0);
            EXPECT_EQ(outcome.system_error, 0);
        }
    }
    EXPECT_EQ(sender.max_offload_segment_length(), max_datagram_length);
}

TEST_F(DatagramSenderTest, ReportsAnErrorBehindWhatWasSent) {
    const Bytes first = pattern(100);
    const Bytes second = pattern(200);
    kernel.verdict = [](const Message& message) { return message.bytes.size() == 200 ? EPERM : 0; };

    const SendOutcome outcome = send({run_of(first, 100), run_of(second, 200), run_of(first, 100)});

    EXPECT_FALSE(outcome.is_complete);
    EXPECT_EQ(outcome.bytes_sent, 100);
    EXPECT_EQ(outcome.system_error, EPERM);
    EXPECT_THAT(kernel.datagrams, SizeIs(1));
}

// A device of 1,500 bytes refuses to cut runs of longer datagrams, which IP can still fragment.
TEST_F(DatagramSenderTest, LearnsHowLongDatagramsMayBeForOffload) {
    kernel.verdict = [](const Message& message) { return message.segment_length > 1'472 ? EINVAL : 0; };
    const Bytes long_ones = pattern(3 * 8'192);
    const Bytes short_ones = pattern(3 * 1'376);

    EXPECT_TRUE(send({run_of(short_ones, 1'376), run_of(long_ones, 8'192)}).is_complete);
    EXPECT_THAT(kernel.datagrams,
                ElementsAre(SizeIs(1'376), SizeIs(1'376), SizeIs(1'376), SizeIs(8'192), SizeIs(8'192), SizeIs(8'192)));
    EXPECT_EQ(sender.max_offload_segment_length(), 8'191U);
    kernel.messages.clear();
    kernel.calls_made.clear();

    EXPECT_TRUE(send({run_of(long_ones, 8'192), run_of(short_ones, 1'376)}).is_complete);
    EXPECT_THAT(kernel.calls_made, ElementsAre("sendmmsg"));
    EXPECT_THAT(kernel.messages, SizeIs(4));  // three long datagrams and one run of short ones
}

TEST_F(DatagramSenderTest, DoesWithoutOffloadWhereTheDeviceHasNone) {
    kernel.verdict = [](const Message& message) { return message.segment_length != 0 ? EIO : 0; };
    const Bytes bytes = pattern(5 * 96);

    EXPECT_TRUE(send({run_of(bytes, 96)}).is_complete);
    EXPECT_EQ(sender.max_offload_segment_length(), 0U);
    EXPECT_TRUE(send({run_of(bytes, 96)}).is_complete);

    EXPECT_THAT(kernel.calls_made, ElementsAre("sendmsg", "sendmmsg", "sendmmsg"));
    EXPECT_THAT(kernel.datagrams, SizeIs(10));
}

TEST_F(DatagramSenderTest, KeepsOffloadWhenTheBytesAreRefusedInAnyForm) {
    kernel.verdict = [](const Message&) { return EINVAL; };
    const Bytes bytes = pattern(5 * 96);

    const SendOutcome outcome = send({run_of(bytes, 96)});

    EXPECT_FALSE(outcome.is_complete);
    EXPECT_EQ(outcome.bytes_sent, 0);
    EXPECT_EQ(outcome.system_error, EINVAL);
    EXPECT_EQ(sender.max_offload_segment_length(), max_datagram_length);
}

TEST_F(DatagramSenderTest, CountsExactlyWhenARefusedRunFindsRoomForAPartOfIt) {
    int room = 2;
    kernel.verdict = [&room](const Message& message) {
        return message.segment_length != 0 ? EINVAL : room-- > 0 ? 0 : EAGAIN;
    };
    const Bytes bytes = pattern(5 * 96);

    const SendOutcome outcome = send({run_of(bytes, 96)});

    EXPECT_FALSE(outcome.is_complete);
    EXPECT_EQ(outcome.bytes_sent, 2 * 96);
    EXPECT_EQ(outcome.system_error, 0);
    EXPECT_EQ(sender.max_offload_segment_length(), 95U);
}

}  // namespace
}  // namespace cpperon::net
