// The flags show nowhere: flipping them for everybody changes no byte of any
// answer or export, and with a floor only who gets what.
//
// GRADMATCH_FLAGS_GRADUATES sets the number of graduates (60 without it; the
// figure of benchmarks/README.md is for 10,000).

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "tests/server/sealed_fixture.h"

namespace gradmatch {
namespace {

namespace fs = std::filesystem;

int GraduatesOfTest() {
  const char* text = std::getenv("GRADMATCH_FLAGS_GRADUATES");
  return text == nullptr ? 60 : std::atoi(text);
}

class FlagsProofTest : public SealedFixture {
 protected:
  using Matches = v1::MatchService::Stub;

  void StartOn(const std::string& folder) {
    server_.Stop();
    server_.Start({{"storage.data_dir", folder},
                   {"privacy.seal_key_file", keys_.path()}});
  }
  // Flags of every `step`-th graduate are true, of all others false.
  void FlagEvery(int step) {
    for (int i = 0; i < graduates_; ++i) {
      const bool flag = step > 0 && i % step == 0;
      const absl::Status status =
          Seal(FlagsOf(absl::StrCat("g-", i), flag, flag));
      ASSERT_TRUE(status.ok()) << status;
    }
  }
  template <typename Stub, typename Method, typename Request, typename Response>
  void Append(const std::unique_ptr<Stub>& stub, Method method,
              const Request& request, Response response, std::string& bytes) {
    const absl::Status status = server_.Call(stub, method, request, response);
    ASSERT_TRUE(status.ok()) << status;
    bytes += BytesOf(response);
  }
  // Every answer about every graduate.
  std::string Answers() {
    std::string bytes;
    const auto matches = server_.matches();
    const auto graduates = server_.graduates();
    for (int i = 0; i < graduates_; ++i) {
      const std::string name = absl::StrCat("graduates/g-", i);
      v1::MatchPostingsRequest match;
      match.set_graduate(name);
      match.set_include_features(true);
      Append(matches, &Matches::MatchPostings, match,
             v1::MatchPostingsResponse(), bytes);
      v1::GetGraduateRequest get;
      get.set_name(name);
      Append(graduates, &Graduates::GetGraduate, get, v1::Graduate(), bytes);
      if (i % 20 != 0) continue;
      v1::ExplainMatchRequest explain;
      explain.set_graduate(name);
      explain.set_posting("sources/hubei/postings/p-0");
      Append(matches, &Matches::ExplainMatch, explain,
             v1::ExplainMatchResponse(), bytes);
    }
    v1::SearchPostingsRequest search;
    *search.mutable_profile() = GoodGraduate().profile();
    Append(matches, &Matches::SearchPostings, search,
           v1::SearchPostingsResponse(), bytes);
    search.clear_profile();
    search.set_text("软件工程师");
    Append(matches, &Matches::SearchPostings, search,
           v1::SearchPostingsResponse(), bytes);
    return bytes;
  }
  // A run of a plan with few places, as it is exported.
  struct Export {
    std::vector<v1::PushItem> items;
    v1::PushRun run;
    std::string bytes() const {
      std::string bytes = BytesOf(run);
      for (const v1::PushItem& item : items) bytes += BytesOf(item);
      return bytes;
    }
  };
  Export Run(int floor) {
    v1::PushPlan plan;
    plan.set_slots(2);
    plan.set_applicants_per_opening(std::max(1, graduates_ / 30));
    plan.set_include_conditional(true);
    plan.set_priority_floor(floor);
    EXPECT_TRUE(CreatePlan("p", plan, plan).ok());
    Export result;
    result.run = RunToTheEnd("p", "r1");
    v1::StreamPushItemsRequest request;
    request.set_parent("pushRuns/r1");
    std::string cursor;
    const absl::Status status = Stream(request, result.items, cursor);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_GT(result.items.size(), 0);
    return result;
  }
  // The same data folder with the flags of every `step`-th graduate, and what a
  // run makes of it.
  Export RunOnCopy(int step, int floor) {
    const std::string copy =
        folder_ / absl::StrCat("step", step, "floor", floor);
    server_.Stop();
    fs::copy(folder_ / "base", copy, fs::copy_options::recursive);
    StartOn(copy);
    FlagEvery(step);
    return Run(floor);
  }

  const int graduates_ = GraduatesOfTest();
  const TempFolder folder_;
};

TEST_F(FlagsProofTest, FlippingThemChangesNoByteButWhoGetsWhatUnderAFloor) {
  StartOn(folder_ / "base");
  server_.AddSource("hubei");
  Fill(10, graduates_);
  const std::string none = Answers();
  EXPECT_GT(none.size(), static_cast<size_t>(graduates_) * 100);
  FlagEvery(1);
  const std::string all = Answers();
  FlagEvery(0);
  EXPECT_TRUE(all == none) << "an answer shows the flags";
  EXPECT_TRUE(Answers() == none) << "an answer shows the flags";

  // Without a floor: the same run, byte for byte, and nobody was read.
  const Export with_all = RunOnCopy(1, 0);
  EXPECT_TRUE(Audit("PushRun.ReadPriority").empty());
  const Export with_none = RunOnCopy(0, 0);
  EXPECT_TRUE(with_all.bytes() == with_none.bytes())
      << "an export shows the flags";

  // With one: the same items for the same pairs, but for other graduates.
  const Export some = RunOnCopy(4, 1);
  EXPECT_EQ(Audit("PushRun.ReadPriority").size(), graduates_);
  std::map<std::string, std::string> plain;
  const auto key = [](const v1::PushItem& item) {
    return item.graduate() + " " + item.posting();
  };
  const auto shape = [](v1::PushItem item) {
    item.clear_name();  // its number among all items
    item.clear_rank();  // its place among the graduate's items
    return BytesOf(item);
  };
  for (const v1::PushItem& item : with_none.items) {
    plain[key(item)] = shape(item);
  }
  int64_t shared = 0, others = 0;
  for (const v1::PushItem& item : some.items) {
    const auto it = plain.find(key(item));
    if (it == plain.end()) {
      ++others;
      continue;
    }
    ++shared;
    EXPECT_EQ(it->second, shape(item));
  }
  EXPECT_GT(shared, 0);
  EXPECT_GT(others, 0);
  std::cout << "graduates=" << graduates_ << " answers_bytes=" << none.size()
            << " export_bytes=" << with_all.bytes().size()
            << " items=" << with_all.items.size()
            << " items_with_floor=" << some.items.size()
            << " of_other_pairs=" << others << "\n";
}

}  // namespace
}  // namespace gradmatch
