/// What the way of a message must not do: allocate, or call the system. spec: 07 §B.6, design §3

#include <array>
#include <cstddef>
#include <cstdlib>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <new>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "cpperon/client/stream_fixture.hpp"
#include "tests/support/sanitizer.hpp"

namespace {

/// Allocations of this thread since it began.
thread_local std::size_t allocation_count = 0;

#if !defined(CPPERON_TEST_SANITIZED)
void* allocate(const std::size_t size, const std::size_t alignment) {
    ++allocation_count;
    void* memory = nullptr;
    if (::posix_memalign(&memory, alignment < sizeof(void*) ? sizeof(void*) : alignment, size) != 0) {
        throw std::bad_alloc();
    }
    return memory;
}
#endif

}  // namespace

#if !defined(CPPERON_TEST_SANITIZED)
// Not inlined: the compiler would take the two sides of an allocation for unrelated functions.
[[gnu::noinline]] void* operator new(const std::size_t size) {
    return allocate(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new(const std::size_t size, const std::align_val_t alignment) {
    return allocate(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* const memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* const memory, std::size_t) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* const memory, std::align_val_t) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* const memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}
#endif

namespace cpperon {
namespace {

using client::Stream;

/// One stream with both kinds of publication and a subscription, up and running.
class HotPathTest : public testing::Test {
protected:
    HotPathTest() {
        state_->images().add(stream_.image_state(state_));
        exclusive_state_->images().add(exclusive_stream_.image_state(exclusive_state_));
    }

    /// More than two terms of messages in every form; returns how many fragments were read.
    int offer_and_poll() {
        std::array<std::byte, 32> message{};
        const std::array<MessagePart, 4> parts{std::span{message}.first(8), std::span{message}.subspan(8, 8),
                                               MessagePart{}, std::span{message}.subspan(16)};
        std::array<MessagePart, 20> twenty_parts{};
        for (std::size_t i = 0; i < twenty_parts.size(); i += 2) {
            twenty_parts[i] = std::span{message}.first(1);
        }
        const auto supplier = [](std::span<const std::byte>) noexcept { return std::int64_t{5}; };
        int fragments = 0;
        const auto count = [&fragments](std::span<const std::byte>, const Header& header) {
            fragments += header.frame_length() > 0 ? 1 : 0;
        };
        const auto controlled = [&count](const std::span<const std::byte> fragment, const Header& header) {
            count(fragment, header);
            return ControlledAction::commit;
        };
        for (int round = 0; round < 350; ++round) {
            static_cast<void>(publication_.offer(message));
            static_cast<void>(publication_.offer(parts, supplier));
            static_cast<void>(publication_.offer(twenty_parts));
            static_cast<void>(publication_.offer(MessageParts{twenty_parts}.first(1)));
            static_cast<void>(publication_.offer({parts[0], parts[1]}));
            static_cast<void>(publication_.offer("text"));
            publication_.try_claim(32).commit();
            publication_.try_claim(32).abort();
            static_cast<void>(exclusive_.offer(message));
            static_cast<void>(exclusive_.offer(parts, supplier));
            static_cast<void>(exclusive_.append_padding(32));
            exclusive_.try_claim(32).commit();
            static_cast<void>(publication_.position());
            static_cast<void>(publication_.is_connected());
            subscription_.poll(count, 3);
            subscription_.controlled_poll(controlled, 10);
            exclusive_subscription_.poll(count, 10);
        }
        return fragments;
    }

    Stream stream_;
    Stream exclusive_stream_;
    Publication publication_ = stream_.publication();
    ExclusivePublication exclusive_ = exclusive_stream_.exclusive_publication();
    std::shared_ptr<client::SubscriptionState> state_ = stream_.subscription_state();
    std::shared_ptr<client::SubscriptionState> exclusive_state_ = exclusive_stream_.subscription_state();
    Subscription subscription_{state_};
    Subscription exclusive_subscription_{exclusive_state_};
};

// spec: 07-C35
TEST_F(HotPathTest, NothingIsAllocated) {
    if (test::is_sanitized) {
        GTEST_SKIP() << "a sanitizer allocates by itself";
    }
    const std::size_t before = allocation_count;

    const int fragments = offer_and_poll();

    EXPECT_EQ(allocation_count, before);
    EXPECT_GT(fragments, 2'000);
    EXPECT_GT(publication_.position().position(), 65'536);
}

/// From here on every system call but the end of the process kills it.
bool forbid_system_calls() {
    std::array<sock_filter, 4> instructions{{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_exit_group, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    }};
    const sock_fprog program{.len = instructions.size(), .filter = instructions.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/// Runs `body` in a child process that may make no system call; returns how it ended, as `waitpid` tells.
template <typename Body>
int run_without_system_calls(Body&& body) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (!forbid_system_calls()) {
            ::_exit(99);
        }
        ::_exit(body());
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return status;
}

TEST_F(HotPathTest, NoSystemCallIsMade) {
    if (test::is_sanitized) {
        GTEST_SKIP() << "a sanitizer's runtime makes system calls of its own";
    }
    const int forbidden = run_without_system_calls([] { return ::getppid() > 0 ? 0 : 1; });
    if (WIFEXITED(forbidden) && WEXITSTATUS(forbidden) == 99) {
        GTEST_SKIP() << "this system does not let a process forbid itself system calls";
    }
    ASSERT_TRUE(WIFSIGNALED(forbidden)) << "the filter does not work";

    const int status = run_without_system_calls([this] { return offer_and_poll() > 2'000 ? 0 : 1; });

    ASSERT_TRUE(WIFEXITED(status)) << "killed by signal " << WTERMSIG(status) << ": a system call was made";
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace cpperon
