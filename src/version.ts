/** @file Limbeck's version, for records and files. NOTE: package.json's; a test compares the two. */
export const version = "0.2.0";
