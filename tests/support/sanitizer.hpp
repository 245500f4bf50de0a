/// Whether the tests run under a sanitizer, so that long ones can be shorter, and that its allocator is left alone.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CPPERON_TEST_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CPPERON_TEST_SANITIZED
#endif
#endif

namespace cpperon::test {

#if defined(CPPERON_TEST_SANITIZED)
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif

}  // namespace cpperon::test
