/// The receiver against a kernel that answers as the test says.
#include "cpperon/net/datagram_receiver.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <deque>
#include <netinet/udp.h>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/net/datagram_test_support.hpp"

namespace cpperon::net {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// One answer of the kernel: a message, or an error.
struct Answer {
    Bytes bytes = {};
    int system_error = 0;
    int flags = 0;
    int segment_length = 0;
    std::optional<timespec> system_time = std::nullopt;
    std::optional<timespec> device_time = std::nullopt;
};

class FakeKernel {
public:
    FakeKernel() { current = this; }

    [[nodiscard]] static ReceiveCalls calls() { return {.recvmsg = recvmsg, .recvmmsg = recvmmsg}; }

    std::deque<Answer> answers;  ///< "nothing there" when there are no more
    int calls_made = 0;

private:
    static ssize_t recvmsg(int, msghdr* const header, int) {
        ++current->calls_made;
        return current->give(*header);
    }
    static int recvmmsg(int, mmsghdr* const headers, const unsigned int count, int, timespec*) {
        ++current->calls_made;
        for (unsigned int i = 0; i < count; ++i) {
            if (i > 0 && !current->answers.empty() && current->answers.front().system_error != 0) {
                return static_cast<int>(i);  // the error is kept for the next call
            }
            const ssize_t length = current->give(headers[i].msg_hdr);
            if (length < 0) {
                return i == 0 ? -1 : static_cast<int>(i);
            }
            headers[i].msg_len = static_cast<unsigned int>(length);
        }
        return static_cast<int>(count);
    }

    ssize_t give(msghdr& header) {
        if (answers.empty()) {
            errno = EAGAIN;
            return -1;
        }
        const Answer answer = answers.front();
        answers.pop_front();
        if (answer.system_error != 0) {
            errno = answer.system_error;
            return -1;
        }
        EXPECT_LE(answer.bytes.size(), header.msg_iov->iov_len);
        EXPECT_GE(header.msg_namelen, sizeof(sockaddr_in6));
        std::copy(answer.bytes.begin(), answer.bytes.end(), static_cast<std::byte*>(header.msg_iov->iov_base));
        auto& source = *static_cast<NativeAddress*>(header.msg_name);
        header.msg_namelen = to_native(SocketAddress::ipv4({10, 0, 0, 7}, 40'123), source);
        header.msg_flags = answer.flags;
        put_control(header, answer);
        return static_cast<ssize_t>(answer.bytes.size());
    }

    static void put_control(msghdr& header, const Answer& answer) {
        std::byte* const begin = static_cast<std::byte*>(header.msg_control);
        std::memset(begin, 0, header.msg_controllen);
        cmsghdr* option = CMSG_FIRSTHDR(&header);
        const auto put = [&](const int level, const int type, const auto& value) {
            option->cmsg_level = level;
            option->cmsg_type = type;
            option->cmsg_len = CMSG_LEN(sizeof(value));
            std::memcpy(CMSG_DATA(option), &value, sizeof(value));
            option = CMSG_NXTHDR(&header, option);
        };
        if (answer.system_time) {
            put(SOL_SOCKET, SCM_TIMESTAMPNS, *answer.system_time);
        }
        if (answer.device_time) {
            const std::array<timespec, 3> stamps{timespec{}, timespec{}, *answer.device_time};
            put(SOL_SOCKET, SCM_TIMESTAMPING, stamps);
        }
        if (answer.segment_length != 0) {
            put(SOL_UDP, UDP_GRO, answer.segment_length);
        }
        header.msg_controllen = static_cast<std::size_t>(reinterpret_cast<std::byte*>(option) - begin);
    }

    static inline FakeKernel* current = nullptr;
};

class DatagramReceiverTest : public testing::Test {
protected:
    FakeKernel kernel;
    DatagramReceiver receiver{3, FakeKernel::calls()};
    Inbox inbox;

    /// From a socket that has been busy for long.
    std::int64_t receive_many() {
        SocketTraffic busy{.polls_in_a_row = 1'000};
        return receiver.receive(-1, inbox, busy);
    }
};

TEST_F(DatagramReceiverTest, MakesOneCallWhereNothingIsThere) {
    EXPECT_EQ(receive_many(), 0);

    EXPECT_EQ(kernel.calls_made, 1);
    EXPECT_THAT(inbox.errors, IsEmpty());
}

TEST_F(DatagramReceiverTest, HandsOverADatagramWithItsSource) {
    kernel.answers = {{.bytes = pattern(96)}};

    EXPECT_EQ(receive_many(), 96);

    EXPECT_THAT(inbox.datagrams, ElementsAre(pattern(96)));
    EXPECT_EQ(inbox.source, SocketAddress::ipv4({10, 0, 0, 7}, 40'123));
    EXPECT_EQ(inbox.media_timestamp_ns, 0);
}

TEST_F(DatagramReceiverTest, TakesNoMoreSmallMessagesAtOnceThanItsShare) {
    for (std::size_t i = 0; i < 100; ++i) {
        kernel.answers.push_back({.bytes = pattern(1)});
    }

    EXPECT_EQ(receive_many(), 32 * 3) << "32 calls of three messages";
    EXPECT_EQ(kernel.calls_made, 32);

    EXPECT_EQ(receive_many(), 4) << "the rest";
    EXPECT_EQ(kernel.calls_made, 34);
}

TEST_F(DatagramReceiverTest, TakesNoMoreBytesAtOnceThanItsShare) {
    for (std::size_t i = 0; i < 30; ++i) {
        kernel.answers.push_back({.bytes = pattern(60'000)});
    }

    EXPECT_EQ(receive_many(), 6 * 3 * 60'000) << "the call that goes beyond a megabyte is the last";
    EXPECT_EQ(kernel.calls_made, 6);
}

TEST_F(DatagramReceiverTest, AsksForOneMessageWhereTheyComeOneAtATime) {
    SocketTraffic traffic;
    for (int i = 0; i < 7; ++i) {
        kernel.answers = {{.bytes = pattern(7)}, {.bytes = pattern(8)}};

        EXPECT_EQ(receiver.receive(-1, inbox, traffic), 7);
    }
    kernel.answers.clear();
    EXPECT_EQ(receiver.receive(-1, inbox, traffic), 0);

    EXPECT_EQ(traffic.polls_in_a_row, 0);
    EXPECT_EQ(kernel.calls_made, 8);
}

TEST_F(DatagramReceiverTest, AsksForManyWhereTheyKeepComingUntilItFindsButOne) {
    SocketTraffic traffic;
    for (int i = 0; i < 8; ++i) {
        kernel.answers = {{.bytes = pattern(7)}};
        EXPECT_EQ(receiver.receive(-1, inbox, traffic), 7);
    }
    kernel.answers = {{.bytes = pattern(7)}, {.bytes = pattern(8)}};
    EXPECT_EQ(receiver.receive(-1, inbox, traffic), 15);
    EXPECT_EQ(traffic.polls_in_a_row, 8);

    kernel.answers = {{.bytes = pattern(7)}};
    EXPECT_EQ(receiver.receive(-1, inbox, traffic), 7);
    EXPECT_EQ(traffic.polls_in_a_row, 0);
}

TEST_F(DatagramReceiverTest, LooksBehindAnEmptyDatagramAtOnce) {
    SocketTraffic traffic;
    kernel.answers = {{}, {.bytes = pattern(7)}};

    EXPECT_EQ(receiver.receive(-1, inbox, traffic), 7);
}

TEST_F(DatagramReceiverTest, SplitsWhatTheKernelHasJoined) {
    kernel.answers = {{.bytes = pattern(3 * 1'376 + 96), .segment_length = 1'376}, {.bytes = pattern(96)}};

    receive_many();

    EXPECT_EQ(inbox.runs, 2);
    EXPECT_THAT(inbox.datagrams, ElementsAre(SizeIs(1'376), SizeIs(1'376), SizeIs(1'376), SizeIs(96), SizeIs(96)));
}

TEST_F(DatagramReceiverTest, HoldsTheLongestDatagramOfEitherFamily) {
    kernel.answers = {{.bytes = pattern(65'527)}};

    EXPECT_EQ(receive_many(), 65'527);
    EXPECT_THAT(inbox.datagrams, ElementsAre(pattern(65'527)));
}

TEST_F(DatagramReceiverTest, DropsWhatIsTruncatedAndSaysSo) {
    kernel.answers = {{.bytes = pattern(65'536), .flags = MSG_TRUNC},
                      {.bytes = pattern(100), .flags = MSG_CTRUNC},
                      {.bytes = pattern(7)}};

    receive_many();

    EXPECT_THAT(inbox.datagrams, ElementsAre(SizeIs(7)));
    EXPECT_THAT(inbox.errors, ElementsAre(EMSGSIZE, EMSGSIZE));
}

TEST_F(DatagramReceiverTest, GoesOnBehindAnEmptyDatagram) {
    kernel.answers = {{}, {.bytes = pattern(7)}, {}, {.bytes = pattern(8)}};

    EXPECT_EQ(receive_many(), 7 + 8);

    EXPECT_THAT(inbox.datagrams, ElementsAre(SizeIs(7), SizeIs(8)));
    EXPECT_THAT(inbox.errors, IsEmpty());
}

TEST_F(DatagramReceiverTest, TakesAPassingHindranceForNothingReceived) {
    kernel.answers = {{.system_error = ECONNREFUSED}, {.system_error = EINTR}};

    EXPECT_EQ(receive_many(), 0);
    EXPECT_EQ(receive_many(), 0);

    EXPECT_THAT(inbox.errors, IsEmpty());
}

TEST_F(DatagramReceiverTest, ReportsErrorsAndGoesOn) {
    kernel.answers = {{.system_error = ENOMEM}, {.bytes = pattern(7)}, {.system_error = EIO}, {.bytes = pattern(8)}};

    EXPECT_EQ(receive_many(), 0);
    EXPECT_EQ(receive_many(), 7);
    EXPECT_EQ(receive_many(), 0);
    EXPECT_EQ(receive_many(), 8);

    EXPECT_THAT(inbox.errors, ElementsAre(ENOMEM, EIO));
    EXPECT_THAT(inbox.datagrams, ElementsAre(SizeIs(7), SizeIs(8)));
}

TEST_F(DatagramReceiverTest, StampsDatagramsWithTheTimeOfTheKernel) {
    kernel.answers = {{.bytes = pattern(7), .system_time = timespec{.tv_sec = 1'700'000'000, .tv_nsec = 999'999'999}}};

    receive_many();

    EXPECT_EQ(inbox.media_timestamp_ns, 1'700'000'000'999'999'999);
}

TEST_F(DatagramReceiverTest, PrefersTheTimeOfTheDevice) {
    kernel.answers = {{.bytes = pattern(7),
                       .system_time = timespec{.tv_sec = 1'700'000'000},
                       .device_time = timespec{.tv_sec = 1'600'000'000, .tv_nsec = 5}},
                      {.bytes = pattern(7),
                       .system_time = timespec{.tv_sec = 1'700'000'000, .tv_nsec = 6},
                       .device_time = timespec{}}};

    receive_many();
    EXPECT_EQ(inbox.media_timestamp_ns, 1'700'000'000'000'000'006);

    kernel.answers = {{.bytes = pattern(7), .device_time = timespec{.tv_sec = 1'600'000'000, .tv_nsec = 5}}};
    receive_many();
    EXPECT_EQ(inbox.media_timestamp_ns, 1'600'000'000'000'000'005);
}

}  // namespace
}  // namespace cpperon::net
