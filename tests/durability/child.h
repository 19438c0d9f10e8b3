#ifndef GRADMATCH_TESTS_DURABILITY_CHILD_H_
#define GRADMATCH_TESTS_DURABILITY_CHILD_H_

#include <functional>
#include <string>

namespace gradmatch {

// How a function that ran in a process of its own ended.
struct ChildEnd {
  bool exited = false;  // by itself; else by `signal`
  int code = 0;
  int signal = 0;  // SIGALRM: it took longer than `seconds`
};

// Forks and runs `body`; what it leaves, it leaves in files. The caller has no
// threads. TMPDIR is `tmp` in the child, which ends without destructors.
ChildEnd RunInChild(const std::string& tmp, unsigned seconds,
                    const std::function<void()>& body);

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_DURABILITY_CHILD_H_
