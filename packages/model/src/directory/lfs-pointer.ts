import { AdaedlError } from "@adaedl/core";

/** What a file begins with that `git clone` left without its content. */
export const lfsPointerStart = "version https://git-lfs.github.com/spec/";

/** The error of a file that holds the address of its content only. */
export function lfsPointer(file: string): AdaedlError {
  return new AdaedlError(
    "failed_precondition",
    `${file} is a Git LFS pointer, not the file itself: fetch it with git lfs pull`,
    { field: file },
  );
}
