/// Where the thread sanitizer is told what it cannot see. Nothing at all in other builds.
#pragma once

#if defined(__SANITIZE_THREAD__)
#define CPPERON_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CPPERON_THREAD_SANITIZER 1
#endif
#endif

#if defined(CPPERON_THREAD_SANITIZER)
// Of the tool's runtime library.
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}
#endif

namespace cpperon {

/// What this thread reads and writes as long as this object lives is not compared with what other threads do; what it
/// releases and acquires counts. The place that has one says why it may.
class [[nodiscard]] UncheckedAccesses {
public:
#if defined(CPPERON_THREAD_SANITIZER)
    UncheckedAccesses() noexcept {
        AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
        AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
    }
    ~UncheckedAccesses() {
        AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
        AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
    }
#else
    UncheckedAccesses() noexcept {}  // not defaulted: an object that does something is never an unused one
    ~UncheckedAccesses() = default;
#endif
    UncheckedAccesses(const UncheckedAccesses&) = delete;
    UncheckedAccesses& operator=(const UncheckedAccesses&) = delete;
};

}  // namespace cpperon
